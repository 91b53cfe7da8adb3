import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../mosquitto.ts';

const PLACES = ['demo/tmp', 'demo/plots'];

export interface Demo {
  file: string;
  directory: string;
  url: string;
}

/**
 * The repository's config.yaml as a user takes it over: in a directory of its own, with the demo's directories made;
 * on a free port, and with one quick plot.
 */
export async function takeOverExample(example: string, directory: string): Promise<Demo> {
  const port = await freePort();
  const text = await readFile(example, 'utf8');
  const file = join(directory, 'config.yaml');
  const changed = text
    .replace('127.0.0.1:1883', `127.0.0.1:${port}`)
    .replace('--speed 200', '--speed 20000')
    .replace('plots_to_do: 20', 'plots_to_do: 1');
  await writeFile(file, changed);
  for (const place of PLACES) await mkdir(join(directory, place), { recursive: true });
  return { file, directory, url: `mqtt://127.0.0.1:${port}` };
}
