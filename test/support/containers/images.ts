import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { install } from './engine.ts';

const SCRIPT = fileURLToPath(new URL('./stand-in.sh', import.meta.url));

/**
 * Sees to it that these official images are there: pulled, and where there is no registry within reach, made from
 * Debian's packages under the same names. Returns what went wrong.
 */
export async function ensureImages(images: readonly string[]): Promise<string | null> {
  for (const image of images) {
    if (!(await execa('docker', ['image', 'inspect', image], { reject: false })).failed) continue;
    if (!(await execa('docker', ['pull', '--quiet', image], { reject: false })).failed) continue;
    const problem = await makeStandIn(image);
    if (problem !== null) return problem;
  }
  return null;
}

async function makeStandIn(image: string): Promise<string | null> {
  const problem = await install({ debootstrap: 'debootstrap' });
  if (problem !== null) return problem;
  const place = await mkdtemp(join(tmpdir(), 'image-'));
  try {
    const mirror = await debianMirror();
    if (mirror === null)
      return `no stand-in for ${image} can be made: this machine has its packages from no Debian`;
    const made = await execa('bash', [SCRIPT, image, place, mirror], { reject: false });
    return made.failed ? `no stand-in for ${image} can be made: ${made.stderr.slice(-1000)}` : null;
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

/** Where this machine has its packages from, if it is a Debian. */
async function debianMirror(): Promise<string | null> {
  for (const file of ['/etc/apt/sources.list.d/debian.sources', '/etc/apt/sources.list']) {
    const text = await readFile(file, 'utf8').catch(() => '');
    const found = /^(?:URIs:|deb(?:\s+\[[^\]]*\])?)\s+(https?:\S+)/m.exec(text)?.[1];
    if (found !== undefined && !found.includes('ubuntu')) return found;
  }
  return null;
}
