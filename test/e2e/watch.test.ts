import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { pino } from 'pino';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { widthOf } from '../../src/cli/terminal/fit.ts';
import { SOCKET } from '../../src/control/place.ts';
import type { StatusAnswer } from '../../src/control/protocol.ts';
import { ControlServer } from '../../src/control/server.ts';
import { temporaryDirectory } from '../support/directory.ts';
import { startDaemon, type TestDaemon } from '../support/e2e/daemon.ts';
import { ENDLESS } from '../support/e2e/plotters.ts';
import { type Size, TestTerminal } from '../support/terminal/terminal.ts';

const NARROW = { columns: 80, rows: 24 };
const WIDE = { columns: 200, rows: 50 };
const SIZES: [string, Size][] = [
  ['80 columns', NARROW],
  ['200 columns', WIDE],
];

function watch(config: string, size: Size, env = process.env, words: string[] = []): TestTerminal {
  const program = [process.execPath, inject('program'), 'status', ...words, '--watch', '--config', config];
  return new TestTerminal(program, size, { cwd: '/', env });
}

const watching = (daemon: TestDaemon, size: Size) => watch(daemon.configFile, size, daemon.environment);

/** What stands on the screen once it has this. */
async function shown(terminal: TestTerminal, wanted: RegExp): Promise<string[]> {
  await expect
    .poll(async () => (await terminal.rows()).join('\n'), { timeout: 20_000, interval: 50 })
    .toMatch(wanted);
  return terminal.rows();
}

/** Each line that was drawn fits the screen, and so does each picture. */
async function expectFitting(terminal: TestTerminal, { columns, rows }: Size): Promise<void> {
  expect(await terminal.isWrapped()).toBe(false);
  const pictures = terminal.raw.split('\x1b[?2026h').slice(1);
  expect(pictures.length).toBeGreaterThan(0);
  for (const picture of pictures) {
    const lines = picture.split('\r\n');
    expect(lines.length).toBeLessThanOrEqual(rows);
    for (const line of lines) expect(widthOf(stripVTControlCharacters(line))).toBeLessThanOrEqual(columns);
  }
}

async function expectRestored(terminal: TestTerminal): Promise<void> {
  await terminal.rows();
  expect({
    alternate: terminal.isAlternate,
    cursor: terminal.hasCursor,
    cooked: terminal.isCooked,
  }).toEqual({ alternate: false, cursor: true, cooked: true });
}

describe.each(SIZES)('status --watch, %s', (_, size) => {
  test('without a worker, kept current as they come, until q', async () => {
    const daemon = await startDaemon({
      config: { jobs: { busy: { ...ENDLESS, max_workers: 3, title: 'Böse 日本語 Plots' } } },
    });
    const terminal = watching(daemon, size);
    const rows = await shown(terminal, /busy .*: idle, 0 of 3 workers/);
    expect(rows[0]).toMatch(/^farm: 0 of 1000 workers, 0 plots today$/);
    expect(rows.join('\n')).toMatch(/temp .*[█░] +\d+ % used/);
    expect(rows.at(-1)).toMatch(/^\d\d:\d\d:\d\d, q ends$/);
    expect(terminal.isAlternate).toBe(true);
    expect(terminal.hasCursor).toBe(false);
    for (let worker = 1; worker <= 3; worker++) await daemon.bus.command('job/busy/do/start');
    await shown(
      terminal,
      /slot 1 +plotting +1.*[█░] +\d+\.\d %[\s\S]*slot 2 +plotting[\s\S]*slot 3 +plotting/,
    );
    await daemon.bus.command('farm/hold/price', { value: true, kind: 'no_starts', reason: '31 ct/kWh' });
    await shown(terminal, /held by 'price' \(no_starts; 31 ct\/kWh\)/);
    await expectFitting(terminal, size);
    terminal.keys('q');
    expect(await terminal.ended).toBe(0);
    await expectRestored(terminal);
    expect(terminal.raw).toContain('\x1b[?1049h');
  });

  test('100 workers: all of them can be looked at', async () => {
    const config = await standIn(farm(100));
    const terminal = watch(config, size);
    const first = await shown(terminal, /1 to \d+ of 10[5-9] lines; /);
    expect(first.join('\n')).toMatch(/slot 1 +plotting +3\.2 Computing .*\d+\.\d % +done 2026-/);
    terminal.keys('\x1b[6~');
    await shown(terminal, new RegExp(`^(?![\\s\\S]*slot 1 )[\\s\\S]*slot ${size.rows - 1} `));
    terminal.keys('\x1b[F');
    const last = await shown(terminal, /slot 100 /);
    expect(last.join('\n')).toMatch(/destination .* % used/);
    terminal.keys('k');
    await shown(terminal, /slot 100 [\s\S]*\d+ to \d+ of/);
    terminal.keys('g');
    await shown(terminal, /^farm: /);
    await expectFitting(terminal, size);
    terminal.keys('\x03');
    expect(await terminal.ended).toBe(0);
    await expectRestored(terminal);
  });
});

test('status --watch follows the size of the terminal', async () => {
  const config = await standIn(farm(100));
  const terminal = watch(config, WIDE);
  await shown(terminal, /1 to 49 of /);
  terminal.resize(NARROW);
  await shown(terminal, /1 to 23 of /);
  terminal.resize({ columns: 40, rows: 10 });
  const small = await shown(terminal, /1 to 9 of /);
  expect(small.filter((row) => row !== '')).toHaveLength(10);
  expect(await terminal.isWrapped()).toBe(false);
  terminal.resize(WIDE);
  await shown(terminal, /1 to 49 of /);
  terminal.keys('q');
  expect(await terminal.ended).toBe(0);
  await expectRestored(terminal);
});

test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
  'status --watch restores the terminal at %s',
  async (signal) => {
    const terminal = watch(await standIn(farm(3)), NARROW);
    await shown(terminal, /slot 3 /);
    await terminal.signal(signal);
    expect(await terminal.ended).toBe(0);
    await expectRestored(terminal);
  },
);

test('status --watch waits for a daemon that restarts, and ends with one that dies', async () => {
  const daemon = await startDaemon({ config: { jobs: { busy: ENDLESS } } });
  const terminal = watching(daemon, NARROW);
  await shown(terminal, /busy: idle/);
  await daemon.kill();
  await shown(terminal, /the daemon does not answer: /);
  await daemon.start();
  await daemon.bus.command('job/busy/do/start');
  await shown(terminal, /busy: running[\s\S]*\d\d:\d\d:\d\d, q ends/);
  await daemon.kill();
  expect(await terminal.ended).toBe(1);
  await expectRestored(terminal);
  expect((await terminal.rows()).join('\n')).toMatch(/^the daemon does not answer: no daemon works on/);
});

test('Ctrl-Z shows the terminal as it was, and its screen again', async () => {
  const terminal = watch(await standIn(farm(3)), NARROW);
  await shown(terminal, /slot 3 /);
  const before = terminal.raw.length;
  terminal.keys('\x1a');
  await expect
    .poll(() => {
      const [, shown = '', again = ''] = terminal.raw.slice(before).split(/\?1049[lh]/);
      return { shown: shown !== '', again: again.includes('slot 3') };
    })
    .toEqual({ shown: true, again: true });
  terminal.keys('q');
  expect(await terminal.ended).toBe(0);
  await expectRestored(terminal);
});

test('status --watch wants a terminal and a daemon', async () => {
  const daemon = await startDaemon({ config: { jobs: { busy: ENDLESS } } });
  const words = ['status', '--watch', '--config', daemon.configFile];
  expect(await daemon.run(words)).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringMatching(/needs a terminal/),
  });
  const nobody = watch(daemon.configFile, NARROW, daemon.environment, ['nobody']);
  expect(await nobody.ended).toBe(1);
  expect(nobody.raw).toBe("there is no job 'nobody'\r\n");
  await daemon.kill();
  const alone = watching(daemon, NARROW);
  expect(await alone.ended).toBe(1);
  expect(alone.raw).not.toContain('\x1b');
});

/** A daemon's socket that always answers with this status; returns the configuration by which it is found. */
async function standIn(status: StatusAnswer): Promise<string> {
  const dir = temporaryDirectory();
  const config = join(dir, 'config.yaml');
  await writeFile(config, JSON.stringify({ data_dir: dir }));
  const server = new ControlServer(
    { claim: () => claim(dir, config), status: () => status },
    pino({ level: 'silent' }),
  );
  await server.listen(join(dir, SOCKET));
  onTestFinished(() => server.close());
  return config;
}

const claim = (dir: string, config: string) => ({
  ...{
    type: 'claim',
    token: 't',
    pid: 1,
    host: 'h',
    boot: 'b',
    pid_namespace: 'n',
    version: '0',
    instance: null,
  },
  ...{ config, data_dir: dir },
});

function farm(workers: number): StatusAnswer {
  const eta = '2026-11-26T18:00:00.000Z';
  return {
    type: 'status',
    farm: {
      ...{ max_workers: 1000, workers, moves: 0, pending: 2, drained: false, last_end_at: eta },
      holds: [],
      problems: [],
    },
    host: {
      disks: [
        {
          role: 'destination',
          path: '/mnt/farm-with-a-long-name/plots',
          free_bytes: 1e12,
          total_bytes: 4e12,
        },
      ],
    },
    jobs: [
      {
        ...{ id: 'nightly', title: 'Nightly plots', state: 'running', blocked_reason: 'none', pending: 2 },
        ...{
          workers,
          max_workers: 100,
          plots_done: 12,
          plots_to_do: 1000,
          progress: 12.8,
          eta,
          next_start_at: null,
        },
        ...{ waiting_for: 'max_workers', waiting_text: `${workers} of 100 workers run (max_workers 100)` },
      },
    ],
    workers: Array.from({ length: workers }, (_, index) => ({
      ...{ job: 'nightly', slot: index + 1, worker: `w${index}`, status: 'plotting', stage: '3.2', eta },
      ...{ stage_title: 'Computing tables 2 and 3', progress: index, error: null },
    })),
    moves: [],
  };
}
