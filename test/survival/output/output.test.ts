import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { expect, inject, onTestFinished, test, vi } from 'vitest';
import { Bus, retainedOn } from '../../support/e2e/bus.ts';
import { prepareDaemon, type TestDaemon } from '../../support/e2e/daemon.ts';
import { QUICK } from '../../support/e2e/plotters.ts';
import { CAN_MOUNT, mountDisk } from '../support/tmpfs.ts';

const CONFIG = { log_level: 'debug', jobs: { j: QUICK } };

/** The daemon works: it takes commands, starts a worker, and a plot is made. */
async function worksOn(bus: Bus, plots: number): Promise<void> {
  expect(await bus.command('job/j/do/start')).toMatchObject({ status: 'ok' });
  await bus.shows('job/j', { plots_done: plots, workers: 0 });
}

/** It ends as it should: with 0, and `offline` is said. */
async function endsWell(daemon: TestDaemon): Promise<void> {
  expect(await daemon.stop()).toBe(0);
  expect((await retainedOn(daemon.url)).get('plot2mqtt/bridge/state')?.text).toBe('offline');
}

test('a reader of the log that goes away takes nothing with it but lines', async () => {
  const daemon = await prepareDaemon({ broker: 'mosquitto', config: CONFIG });
  const child = daemon.launch();
  await once(child.stdout ?? child, 'data');
  child.stdout?.destroy();
  const bus = await Bus.connect(daemon.url);
  onTestFinished(() => bus.end());
  await bus.message('bridge/state', (state) => state === 'online');
  await worksOn(bus, 1);
  await endsWell(daemon);
});

test('neither does a log on a full disk, nor its embedded broker', async () => {
  const daemon = await prepareDaemon({ config: CONFIG });
  daemon.through = ['sh', '-c', 'exec "$0" "$@" >/dev/full'];
  await daemon.start();
  await worksOn(daemon.bus, 1);
  expect(await daemon.stop()).toBe(0);
  expect(daemon.said).toEqual([]);
});

test.skipIf(!CAN_MOUNT)('a log goes on when its disk has room again, and says what it lost', async () => {
  const daemon = await prepareDaemon({ broker: 'mosquitto', config: CONFIG });
  mountDisk(daemon.path('disk'), '64k');
  const log = daemon.path('disk', 'log');
  const filler = daemon.path('disk', 'filler');
  daemon.through = ['sh', '-c', `exec "$0" "$@" >>'${log}'`];
  await daemon.start();
  // As much of it as there is room for.
  expect(() => writeFileSync(filler, Buffer.alloc(128 * 1024))).toThrow('ENOSPC');
  // What is left of the log's own page.
  for (let round = 0; round < 60; round += 1) await daemon.bus.command('fire/anything');
  await worksOn(daemon.bus, 1);
  rmSync(filler);
  await worksOn(daemon.bus, 2);
  await endsWell(daemon);
  const lines = readFileSync(log, 'utf8').trim().split('\n');
  const whole = lines.flatMap((line) => {
    try {
      return [String(JSON.parse(line).msg)];
    } catch {
      return [];
    }
  });
  expect(lines.length - whole.length).toBeLessThanOrEqual(1);
  expect(whole.join('\n')).toMatch(/^\d+ lines of the log are lost: they could not be written$/m);
  expect(whole.at(-1)).toBe('stopped');
});

test('a terminal that is stopped holds up its screen alone', async () => {
  const daemon = await prepareDaemon({ broker: 'mosquitto', config: CONFIG });
  const command = `exec '${process.execPath}' '${inject('program')}' run --config '${daemon.configFile}'`;
  const terminal = spawn('script', ['--quiet', '--flush', '--return', '--command', command, '/dev/null'], {
    cwd: daemon.dir,
    env: daemon.environment,
  });
  let screen = '';
  terminal.stdout.on('data', (chunk: Buffer) => (screen += chunk.toString()));
  const ended = once(terminal, 'exit');
  const bus = await Bus.connect(daemon.url);
  onTestFinished(() => bus.end());
  await bus.message('bridge/state', (state) => state === 'online');
  await vi.waitFor(() => expect(screen).toContain('Connected'));
  // Ctrl-S: what is on the way may still come.
  terminal.stdin.write('\x13');
  await worksOn(bus, 1);
  const stopped = screen;
  await worksOn(bus, 2);
  expect(screen).toBe(stopped);
  // Ctrl-Q.
  terminal.stdin.write('\x11');
  await vi.waitFor(() => expect(screen.match(/worker_end, done/g)).toHaveLength(2), 10_000);
  // Stopped once more, and asked to end by Ctrl-C.
  terminal.stdin.write('\x13');
  await worksOn(bus, 3);
  terminal.stdin.write('\x03');
  await bus.message('bridge/state', (state) => state === 'offline');
  expect(await ended).toEqual([0, null]);
});

test.each([['schema'], ['--help'], ['check', '--config', 'config.yaml']])(
  'a command whose output cannot be written ends with 1 and says no more: %s',
  async (...words) => {
    const daemon = await prepareDaemon({ config: CONFIG });
    const run = (script: string) => daemon.run(words, { wrapper: ['sh', '-c', script] });
    const full = await run('exec "$0" "$@" >/dev/full');
    expect(full).toEqual({ code: 1, stdout: '', stderr: '' });
    await run('{ "$0" "$@"; echo $? >code; } | exec true');
    await vi.waitFor(() => expect(readFileSync(daemon.path('code'), 'utf8')).toBe('1\n'), 10_000);
  },
);
