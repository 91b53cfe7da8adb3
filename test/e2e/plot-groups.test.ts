import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { refused } from '../support/e2e/answers.ts';
import { type ConfigInput, prepareDaemon, type TestDaemon } from '../support/e2e/daemon.ts';
import { CAN_MOUNT, mountDisk } from '../survival/support/tmpfs.ts';

const PLOTTER = join(import.meta.dirname, '..', 'support', 'plotters', 'plot-groups.sh');
const MB = 1_000_000;
const PATIENCE = { timeout: 45_000 };
/** Plots of a group, and bytes of the file beside them. */
const [SIZE, HEAD] = [4, 1000];

/** What config.yaml says of a plotter of groups; nothing of it is built in. */
const GROUPS = {
  title: 'Plot groups',
  command: `sh ${PLOTTER}`,
  words: ['group', '--k={k}'],
  arguments: {
    temp_dir: { flag: '-t', type: 'directory', role: 'temp', required: true },
    dest_dir: { flag: '-d', type: 'directory', role: 'destination', required: true },
    k: { type: 'integer', default: 28, pass: false },
    group_size: { flag: '--count', type: 'integer', min: 1, max: 128, default: SIZE },
    meta_group: { flag: '-m', type: 'integer', min: 0, max: 255, default: '{sequence:256}' },
    seed: { flag: '-i', type: 'hex', length: 64, default: '{random:64}' },
    plot_bytes: { flag: '--bytes', type: 'integer', default: MB },
  },
  space: { per: 'group_size', plot: MB, temp: { temp_dir: MB }, plus: HEAD },
  suffixes: ['.gplot'],
  partial: ['.tmp'],
  stages: [
    { id: '1', title: 'Plots', weight: 80 },
    { id: '2', title: 'Merge', weight: 20, temp: 'shrinks' },
  ],
  patterns: [
    { match: '^Group (?<name>\\S+-(?<id>[0-9a-f]{64}))$', plot_name: true, plot_id: true, enter: '1' },
    { match: '^plot (?<done>\\d+) of (?<of>\\d+)$', inside: { stage: '1' } },
    { match: '^merging$', enter: '2' },
    { match: '^merged (?<done>\\d+) of (?<of>\\d+)$', inside: { stage: '2' } },
    { match: '^Wrote (?<file>\\S+)$', final_file: true },
    { match: '^(?<error>no room .+)$', error: {} },
  ],
};

async function prepare(job: ConfigInput, config: ConfigInput = {}): Promise<TestDaemon> {
  const daemon = await prepareDaemon({ broker: 'mosquitto' });
  await daemon.configure({
    plotters: { groups: GROUPS },
    jobs: { new: { plotter: 'groups', ...job } },
    ...config,
  });
  return daemon;
}

const filesIn = (daemon: TestDaemon, name: string) => readdirSync(daemon.path(name)).sort();
/** Starts a worker, and says which. */
async function startOne({ bus }: TestDaemon): Promise<string> {
  const before = bus.events({ type: 'worker_started' }).length;
  expect(await bus.command('job/new/do/start')).toMatchObject({ status: 'ok' });
  const { worker } = await bus.event('worker_started', {}, before + 1);
  return String(worker);
}

const allow = (daemon: TestDaemon, step: 'merge' | 'rest') => writeFileSync(daemon.path(step), '');

test('a plotter of groups is a definition in config.yaml: it numbers them, over kills too, and each is a plot', async () => {
  const daemon = await prepare({ plots_to_do: 3, keep_running: true });
  const check = await daemon.run(['check']);
  expect(check.stdout).toContain('group --k=28 -t');
  expect(check.stdout).toContain("-m '{sequence:256}' -i '{random:64}'");
  expect(check.code).toBe(0);
  await daemon.start();
  const { bus } = daemon;
  await bus.event('worker_end', { result: 'done' });
  await daemon.restart();
  await bus.event('job_end');
  const groups = filesIn(daemon, 'plots');
  expect(groups.map((name) => name.replace(/[0-9a-f]{64}/, 'ID'))).toEqual([
    'plot-k28-0-ID.gplot',
    'plot-k28-1-ID.gplot',
    'plot-k28-2-ID.gplot',
  ]);
  expect(new Set(groups.map((name) => name.slice(-'.gplot'.length - 64))).size).toBe(3);
  for (const name of groups) expect(statSync(daemon.path('plots', name)).size).toBe(SIZE * MB + HEAD);
  await bus.shows('job/new', { plots_done: 3, failures: 0 });
  expect(bus.events({ type: 'worker_started' }).map(({ arguments: values }) => values)).toMatchObject([
    { meta_group: 0, group_size: SIZE },
    { meta_group: 1 },
    { meta_group: 2 },
  ]);
  const { stdout } = await daemon.run(['history']);
  expect(stdout).toMatch(/k28 gplot +plot-k28-0-/);
  const mark = bus.mark();
  await daemon.restart();
  const host = await bus.message('host', (text) => text.includes('"plots":3'), mark);
  expect(JSON.parse(host.text).disks).toMatchObject([
    { role: 'temp', plots: 0 },
    { role: 'destination', plots: 3 },
  ]);
});

describe.skipIf(!CAN_MOUNT)('on disks with little room', () => {
  test('another group begins while one is merged, since its temporary files shrink', async () => {
    const daemon = await prepare({
      ...{ max_workers: 2, command: `STEPS="$PWD" sh ${PLOTTER}`, arguments: { temp_dir: 'nvme' } },
    });
    // A group takes 4 MB there; what the first half of one leaves is enough for another.
    mountDisk(daemon.path('nvme'), '6500k');
    await daemon.start();
    const { bus } = daemon;
    const worker = await startOne(daemon);
    const parts = () => filesIn(daemon, `nvme/plot2mqtt-${worker}`);
    await vi.waitFor(() => expect(parts()).toHaveLength(SIZE), PATIENCE);
    expect(await bus.command('job/new/do/start')).toMatchObject(refused('no_space'));
    allow(daemon, 'merge');
    await vi.waitFor(() => expect(parts()).toHaveLength(SIZE / 2), PATIENCE);
    await startOne(daemon);
    allow(daemon, 'rest');
    await bus.event('worker_end', { result: 'done' }, 2);
    await bus.shows('job/new', { plots_done: 2, plots_failed: 0 });
  });

  test('old k32 plots go for groups at the last moment, as many as each needs', async () => {
    const move = { from: 'plots', to: 'farm', replot: { before: '2022-01-01T00:00:00Z', k: [32] } };
    const daemon = await prepare({ plots_to_do: 2, keep_running: true }, { moves: { farm: move } });
    mountDisk(daemon.path('farm'), '12300k');
    const old = (k: number, number: number) => `plot-k${k}-2021-01-01-00-0${number}-${'a'.repeat(64)}.plot`;
    writeFileSync(daemon.path('farm', old(33, 0)), Buffer.alloc(MB, 1));
    for (let number = 1; number <= 9; number += 1)
      writeFileSync(daemon.path('farm', old(32, number)), Buffer.alloc(MB, 1));
    await daemon.start();
    const { bus } = daemon;
    await bus.event('move_finished', {}, 2);
    await bus.event('job_end');
    const left = filesIn(daemon, 'farm').filter((name) => name.endsWith('.plot'));
    // Of the first 2.6 MB are free: two go for it, and then four and the rest of a fifth.
    expect(left).toEqual([old(32, 7), old(32, 8), old(32, 9), old(33, 0)].sort());
    expect(filesIn(daemon, 'farm').filter((name) => name.endsWith('.gplot'))).toHaveLength(2);
    expect(filesIn(daemon, 'plots')).toEqual([]);
    const removed = bus.events({ type: 'replot_removed' }).map(({ file }) => file);
    expect(removed).toEqual([1, 2, 3, 4, 5, 6].map((number) => daemon.path('farm', old(32, number))));
    const lines = readFileSync(daemon.path('data', 'history.jsonl'), 'utf8');
    expect(lines).toContain('"result":"moved"');
  });
});
