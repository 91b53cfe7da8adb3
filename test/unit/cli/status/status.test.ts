import { expect, it } from 'vitest';
import { paintFor } from '../../../../src/cli/terminal/colour.ts';
import { widthOf } from '../../../../src/cli/terminal/fit.ts';
import { statusLines } from '../../../../src/cli/status/status-lines.ts';
import type { StatusAnswer } from '../../../../src/control/protocol.ts';

const SOON = new Date(2026, 10, 26, 15, 30).toISOString();
const JOB = {
  ...{ id: 'nightly', title: 'Nightly plots', state: 'running', blocked_reason: 'none' },
  ...{ workers: 2, max_workers: 2, plots_done: 12, plots_to_do: 100, pending: 3 },
  ...{ progress: 12.8, eta: SOON, next_start_at: null },
  ...{ waiting_for: 'max_workers', waiting_text: '2 of 2 workers run (max_workers 2)' },
};
const OTHER = {
  ...{ id: 'other', title: 'other', state: 'blocked', blocked_reason: 'dest_full' },
  ...{ workers: 0, max_workers: 0, plots_done: 1, plots_to_do: 0, pending: 0 },
  ...{ progress: null, eta: null, next_start_at: SOON, waiting_for: 'delay', waiting_text: 'it waits' },
};
const WORKERS = [
  {
    ...{
      job: 'nightly',
      slot: 1,
      worker: 'w1',
      status: 'plotting',
      stage: '3.2',
      stage_title: 'Tables 2 and 3',
    },
    ...{ progress: 45, eta: SOON, error: null },
  },
  {
    ...{ job: 'nightly', slot: 12, worker: 'w2', status: 'failed', stage: null, stage_title: null },
    ...{ progress: null, eta: null, error: 'no \x1b[31mroom' },
  },
];
const HOST = {
  disks: [
    { role: 'temp', path: '/mnt/ssd', free_bytes: 250e9, total_bytes: 1000e9 },
    { role: 'destination', path: '/mnt/f', free_bytes: null, total_bytes: null },
  ],
};
const ANSWER: StatusAnswer = {
  ...{ type: 'status', farm: null, moves: [] },
  ...{ host: HOST, jobs: [JOB, OTHER], workers: WORKERS },
};
const MOVE = {
  ...{
    id: 'farm',
    title: 'farm',
    state: 'moving',
    waiting_for: 'disk',
    waiting_text: '1 of 1 moves onto /f run',
  },
  ...{ queue: 3, queue_bytes: 300e9, moved: 7, bytes_per_s: 180e6, last_error: null },
  active: [{ plot: '/stage/a.plot', to: '/f', progress: 45.6, eta: SOON }],
};
const plain = { paint: paintFor({}, {}), bars: false };

it('shows each job with its limits, what it waits for and its workers, then the disks', () => {
  expect(statusLines(ANSWER, plain)).toEqual([
    'nightly (Nightly plots): running, 2 of 2 workers, 12 of 100 plots done, 12.8 %, all by 2026-11-26 15:30',
    '  waits for max_workers: 2 of 2 workers run (max_workers 2); 3 starts wait',
    '  slot 1   plotting  3.2 Tables 2 and 3  45.0 %  done 2026-11-26 15:30',
    '  slot 12  failed                                                       no room',
    'other: blocked (dest_full), 0 workers, no limit, 1 plot done',
    '  waits for delay: it waits (at 2026-11-26 15:30)',
    '',
    'temp         /mnt/ssd  75 % used  250.0 GB free of 1000.0 GB',
    'destination  /mnt/f    not known',
  ]);
});

it('says which settings are not the file’s, below what their job waits for', () => {
  const unlike_file = [
    { job: 'other', setting: 'max_workers', value: 0, file: 3 },
    { job: 'gone', setting: 'enabled', value: true, file: false },
  ];
  const before = statusLines(ANSWER, plain);
  const line =
    '  max_workers 0 was set by a command; config.yaml says 3 (plot2mqtt set other max_workers default)';
  expect(statusLines({ ...ANSWER, unlike_file }, plain)).toEqual(before.toSpliced(6, 0, line));
});

it('has bars and colours on a terminal', () => {
  const look = { paint: paintFor({ isTTY: true }, { TERM: 'xterm' }), bars: true };
  const lines = statusLines(ANSWER, look);
  expect(lines[0]).toContain('\x1b[32mrunning\x1b[0m');
  expect(lines[2]).toContain(`${'█'.repeat(9)}${'░'.repeat(11)}  45.0 %`);
  expect(lines[3]).toContain('\x1b[31mfailed\x1b[0m');
  expect(lines[7]).toContain(`${'█'.repeat(15)}${'░'.repeat(5)}  75 % used`);
});

const FARM = {
  ...{ max_workers: 10, workers: 2, pending: 3, drained: false, last_end_at: SOON, plots_today: 4, moves: 0 },
  holds: [{ name: 'price', kind: 'no_starts', jobs: ['n*'], moves: false, reason: '31 ct/kWh', until: SOON }],
  problems: ["job 'other' is blocked (dest_full): no room"],
};

it('begins with the farm: what runs and waits, what holds it, what is wrong', () => {
  expect(statusLines({ ...ANSWER, farm: FARM, host: null, jobs: [], workers: [] }, plain)).toEqual([
    'farm: 2 of 10 workers, 4 plots today, 3 starts wait, the last ends 2026-11-26 15:30',
    "  held by 'price' (no_starts; jobs n*; until 2026-11-26 15:30; 31 ct/kWh)",
    "  problem: job 'other' is blocked (dest_full): no room",
    '',
    'there is no job',
  ]);
  const drained = {
    ...FARM,
    holds: [],
    problems: [],
    workers: 0,
    pending: 0,
    drained: true,
    last_end_at: null,
  };
  expect(statusLines({ ...ANSWER, farm: drained, host: null, jobs: [], workers: [] }, plain)[0]).toBe(
    'farm: 0 of 10 workers, 4 plots today, drained',
  );
});

it.each([80, 200, 40])('has no line longer than a terminal of %d columns', (width) => {
  const look = { paint: paintFor({ isTTY: true }, { TERM: 'xterm' }), bars: true, width };
  const lines = statusLines({ ...ANSWER, farm: FARM }, look);
  for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(width);
  const text = lines.join('\n');
  expect(text).toContain('45.0 %');
  expect(text.includes('█')).toBe(width > 40);
  if (width > 40) expect(text).toMatch(/slot 1 +plotting +3\.2 Tab.* done 2026-11-26 15:30/);
});

it('says when there is nothing to show', () => {
  expect(statusLines({ ...ANSWER, host: null, jobs: [], workers: [] }, plain)).toEqual(['there is no job']);
});

it('shows moves, what keeps their next file, and what is on the way', () => {
  expect(statusLines({ ...ANSWER, moves: [MOVE], host: null, jobs: [], workers: [] }, plain)).toEqual([
    'there is no job',
    '',
    'move farm: moving, 1 on the way at 0.2 GB/s, 3 wait (300.0 GB), 7 moved',
    '  waits for disk: 1 of 1 moves onto /f run',
    '  45.6 %  a.plot → /f  done 2026-11-26 15:30',
  ]);
});
