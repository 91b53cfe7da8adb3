import { execFile } from 'node:child_process';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** File names of an authority and of a certificate for 127.0.0.1 and localhost that it signed. */
export interface Certificates {
  ca: string;
  cert: string;
  key: string;
}

/**
 * Makes an authority and a certificate with openssl, in a new temporary folder. `days` is how long the certificate
 * holds; a negative number makes one that has expired. `renew` replaces it, under the same names, by one that holds.
 */
export async function makeCertificates(days = 2): Promise<Certificates & { renew(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'certificates-'));
  const file = (name: string) => join(folder, name);
  const openssl = (...words: string[]) => run('openssl', words);
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  await openssl(
    'req',
    '-x509',
    ...newKey,
    '-keyout',
    file('ca.key'),
    '-out',
    file('ca.crt'),
    '-subj',
    '/CN=Test',
    '-days',
    '2',
  );
  await openssl(
    'req',
    ...newKey,
    '-keyout',
    file('host.key'),
    '-out',
    file('host.csr'),
    '-subj',
    '/CN=localhost',
  );
  await writeFile(file('host.ext'), 'subjectAltName=IP:127.0.0.1,DNS:localhost\n');
  const sign = async (holds: number) => {
    const by = ['-CA', file('ca.crt'), '-CAkey', file('ca.key'), '-CAcreateserial'];
    const made = ['-out', file('host.crt'), '-days', String(holds), '-extfile', file('host.ext')];
    await openssl('x509', '-req', '-in', file('host.csr'), ...by, ...made);
  };
  await sign(days);
  return { ca: file('ca.crt'), cert: file('host.crt'), key: file('host.key'), renew: () => sign(2) };
}
