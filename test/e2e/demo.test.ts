import { execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { expect, onTestFailed, onTestFinished, test, vi } from 'vitest';
import { killAllWith } from '../support/e2e/processes.ts';
import { freePort } from '../support/mosquitto.ts';

const run = promisify(execFile);

/** What the README says: how to run it, and how to watch. */
const RUN = 'npm ci && npm start';
const WATCH = "mosquitto_sub -v -t 'plot2mqtt/#'";

/** The repository as it is committed, and nothing of what was built or installed in it. */
async function cleanCopy(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'plot2mqtt-demo-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  // Whoever runs the tests need not be the owner of the repository.
  await run('sh', ['-ec', `git -c safe.directory='*' archive HEAD | tar -x -C '${folder}'`]);
  return folder;
}

test("the README's one command shows stages and progress", async () => {
  const readme = await readFile('README.md', 'utf8');
  expect(readme).toContain(`\n${RUN}\n`);
  expect(readme).toContain(`\n${WATCH}\n`);
  const folder = await cleanCopy();
  // The same but for the port, which somebody else may have on this machine.
  const port = await freePort();
  const config = await readFile(join(folder, 'config.yaml'), 'utf8');
  expect(config).toContain('listen: 127.0.0.1:1883');
  await writeFile(join(folder, 'config.yaml'), config.replace('127.0.0.1:1883', `127.0.0.1:${port}`));

  const marker = ['PLOT2MQTT_TEST', randomUUID()] as const;
  onTestFinished(() => killAllWith(marker.join('=')));
  const env = { ...process.env, npm_config_prefer_offline: 'true', [marker[0]]: marker[1] };
  const daemon = spawn('sh', ['-c', RUN], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const said: string[] = [];
  for (const stream of [daemon.stdout, daemon.stderr])
    stream.on('data', (chunk: Buffer) => said.push(chunk.toString()));
  onTestFailed(() => console.log(said.join('')));
  await vi.waitFor(() => expect(said.join('')).toMatch(/worker_started/), { timeout: 100_000, interval: 50 });

  const watch = spawn('sh', ['-c', `exec ${WATCH} -p ${port}`], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const wanted = new Set(['stage', 'progress', 'event']);
  for await (const line of createInterface({ input: watch.stdout })) {
    if (/^plot2mqtt\/job\/demo\/worker\/1\/stage \d\.\d$/.test(line)) wanted.delete('stage');
    if (/^plot2mqtt\/job\/demo\/worker\/1\/progress [1-9]/.test(line)) wanted.delete('progress');
    if (/^plot2mqtt\/event .*"stage_(started|finished)"/.test(line)) wanted.delete('event');
    if (wanted.size === 0) break;
  }
  expect([...wanted]).toEqual([]);
  watch.kill();

  // What it makes stays in the folders of the demo, and git sees nothing of it.
  const exited = once(daemon, 'exit');
  killAllWith(marker.join('='));
  await exited;
  expect(await readdir(folder)).toEqual(expect.arrayContaining(['data', 'demo', 'dist', 'node_modules']));
  const ignored = await readFile(join(folder, '.gitignore'), 'utf8');
  for (const name of ['data', 'dist', 'node_modules']) expect(ignored).toMatch(new RegExp(`^${name}/$`, 'm'));
});
