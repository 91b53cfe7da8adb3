import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { takeOverExample } from '../support/product/demo.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const program = join(root, 'dist/main.js');

let place: string;
let file: string;
beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), 'log-'));
  await mkdir(join(place, 'demo'));
  ({ file } = await takeOverExample(join(root, 'config.yaml'), place));
});
afterAll(() => rm(place, { recursive: true, force: true, maxRetries: 5 }));

/** What the daemon says until it has told of a plot. */
async function said(command: string, words: string[]): Promise<string> {
  const daemon = execa(command, words, { cwd: place, reject: false, stdin: 'pipe' });
  let text = '';
  await new Promise<void>((resolve) => {
    daemon.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (/worker_end|stopped/.test(text)) resolve();
    });
    daemon.stdout.on('close', () => resolve());
  });
  // Ctrl-C in a terminal, a signal elsewhere.
  if (command === 'script') daemon.stdin.end('\u0003');
  else daemon.kill('SIGTERM');
  await daemon;
  return text;
}

it('is JSON for machines, an object a line', async () => {
  const lines = (await said(process.execPath, [program, 'run', '--config', file])).trim().split('\n');
  const read = lines.map((line) => JSON.parse(line));
  expect(read).toContainEqual({
    level: 30,
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    msg: 'demo/1: worker_started',
  });
  expect(read.some(({ msg }) => /^demo\/1: worker_end, done, \/.*\.plot$/.test(msg))).toBe(true);
});

it('is lines for people in a terminal', async () => {
  await rm(join(place, 'data'), { recursive: true, force: true });
  const command = `exec '${process.execPath}' '${program}' run --config '${file}'`;
  const text = await said('script', ['--quiet', '--return', '--command', command, '/dev/null']);
  expect(text).toContain('\u001b[');
  const plain = stripVTControlCharacters(text);
  expect(plain).toMatch(/^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\] INFO: demo\/1: worker_started\r?$/m);
  expect(plain).not.toContain('{"level"');
});

/** Shows the stack at the moment when the daemon takes its data directory. */
const SHOW_STACK = `
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
const link = fs.linkSync;
fs.linkSync = (...words) => {
  process.stdout.write(new Error('a stack').stack + '\\n{"msg":"stopped"}\\n');
  link(...words);
};
syncBuiltinESMExports();`;

it('stack traces of the daemon name files and lines of the source', async () => {
  const preload = `data:text/javascript,${encodeURIComponent(SHOW_STACK)}`;
  const text = await said(process.execPath, ['--import', preload, program, 'run', '--config', file]);
  expect(text).toMatch(/^Error: a stack$/m);
  expect(text).toMatch(/^ +at createClaim \(\S*\/src\/storage\/claim\/claim-file\.ts:\d+:\d+\)$/m);
});
