// Starts the program a moment, twice, and keeps the code that V8 has compiled by then beside its script, whose URL is
// the argument. It prints the file's name. One daemon has the embedded broker, the other connects to it.
import { once } from 'node:events';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { codeCacheFile, codeCacheOf, compileScript, runScript } from '../src/util/script.ts';

type Program = typeof import('../src/program.ts');

const ONLINE_WITHIN_MS = 10_000;

const [url = ''] = process.argv.slice(2);
const script = compileScript(url);
const { perform } = runScript<Program>(script, url);
const directory = mkdtempSync(join(tmpdir(), 'plot2mqtt-build-'));
try {
  const port = await freePort();
  const embedded = { broker: 'embedded', embedded: { listen: `127.0.0.1:${port}` } };
  const external = { broker: `mqtt://127.0.0.1:${port}`, base_topic: 'external' };
  const codes: Promise<number>[] = [];
  for (const [name, mqtt] of Object.entries({ embedded, external })) {
    const config = join(directory, `${name}.yaml`);
    writeFileSync(config, JSON.stringify({ mqtt, data_dir: name, jobs: { job: { plotter: 'chia' } } }));
    codes.push(perform({ command: 'run', config }));
    await online(config);
  }
  const cache = codeCacheFile(url);
  writeFileSync(`${cache}.${process.pid}`, codeCacheOf(script));
  renameSync(`${cache}.${process.pid}`, cache);
  process.kill(process.pid, 'SIGTERM');
  const failed = (await Promise.all(codes)).some((code) => code !== 0);
  if (failed) throw new Error('the program ends with an error');
  process.stdout.write(`${cache}\n`);
} finally {
  rmSync(directory, { recursive: true, force: true });
}

async function online(config: string): Promise<void> {
  const deadline = performance.now() + ONLINE_WITHIN_MS;
  while ((await perform({ command: 'health', config, mqtt: true })) !== 0) {
    if (performance.now() > deadline) throw new Error('the program does not come up');
    await sleep(20);
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
