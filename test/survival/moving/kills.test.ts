import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, onTestFinished, test, vi } from 'vitest';
import { stringify } from 'yaml';
import { startMosquitto } from '../../support/mosquitto.ts';
import { type Ledger, openLedger } from '../kill/ledger.ts';
import { type DaemonProcess, spawnDaemon, stopDaemon } from '../support/daemon.ts';
import { type Random, randomFrom } from '../support/random.ts';
import { shellPlotter } from '../support/shell-plotter.ts';
import { rounds } from '../support/size.ts';
import { CAN_MOUNT, mountDisk } from '../support/tmpfs.ts';
import { kill, moversOf } from './mover-processes.ts';

const KILLS = Number(process.env.KILLS ?? rounds(8, 100));
const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000);
const PLOTS = rounds(12, 60);

const broker = await startMosquitto({ config: 'allow_anonymous true\nmax_queued_messages 0' });
afterAll(() => broker.stop());

/** Plots of 8 to 40 MB, of which is written down what is in them. */
const SCRIPT = `temp=$2 dest=$4 name=plot-k18-2026-01-01-00-00-$PLOT2MQTT_WORKER
bytes=$((8000000 + $(od -An -N2 -tu2 /dev/urandom) * 500))
head -c $bytes /dev/urandom >"$temp/$name.tmp" || exit 1
echo "$name.plot $(sha1sum <"$temp/$name.tmp")" >>sums.txt
echo "plot $name"
cp "$temp/$name.tmp" "$dest/$name.plot.tmp" && mv "$dest/$name.plot.tmp" "$dest/$name.plot" || exit 1
echo "final $dest/$name.plot"
`;

function makeFarm() {
  const folder = mkdtempSync(join(tmpdir(), 'plot2mqtt-moves-'));
  // After its disks are unmounted: what was registered last goes first.
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const at = (...parts: string[]) => join(folder, ...parts);
  for (const name of ['tmp', 'stage']) mkdirSync(at(name));
  const disks = ['farm1', 'farm2'].map((name) => mountDisk(at(name), '3g'));
  for (const { path } of disks) mkdirSync(join(path, 'plots'));
  const { temp_dir, dest_dir } = shellPlotter(folder).arguments;
  const config = {
    mqtt: { broker: broker.url },
    homeassistant: { discovery: false },
    plotters: { shell: { ...shellPlotter(folder, SCRIPT), arguments: { temp_dir, dest_dir } } },
    jobs: {
      make: {
        ...{ plotter: 'shell', keep_running: true, max_workers: 2, plots_to_do: PLOTS, max_failures: 0 },
        arguments: { temp_dir: 'tmp', dest_dir: 'stage' },
      },
    },
    disks: [{ match: 'farm*', max_moves: 2 }],
    moves: { farm: { from: 'stage', to: 'farm*/plots' } },
  };
  writeFileSync(at('config.yaml'), stringify(config));
  const places = [at('stage'), ...disks.map(({ path }) => join(path, 'plots'))];
  return { folder, at, places, config: at('config.yaml') };
}

test.skipIf(!CAN_MOUNT)(
  `${KILLS} kills of movers, of the daemon and of both, seed ${SEED}`,
  { timeout: 900_000 },
  async () => {
    const random = randomFrom(SEED);
    const farm = makeFarm();
    const ledger = await openLedger(broker.url);
    const diary: string[] = [];
    let daemon = spawnDaemon(farm.config);
    for (let count = 1; count <= KILLS; count += 1) {
      const what = await killSomething(farm.folder, daemon, random);
      diary.push(`${count}: ${what}`);
      if (!daemon.running()) daemon = spawnDaemon(farm.config);
    }
    await allArrived(ledger, daemon);
    await expect.poll(() => readdirSync(farm.at('data', 'moves')), { timeout: 20_000 }).toEqual([]);
    const code = await stopDaemon(daemon);
    await ledger.client.endAsync();
    const faults = [...ledger.faults, ...faultsOf(farm, ledger)];
    if (code !== 0) faults.push(`the last daemon ended with ${code}: ${daemon.output()}`);
    expect(faults, `seed ${SEED}\n${diary.join('\n')}`).toEqual([]);
  },
);

/** Waits until a plot is on its way, and then a little, so that any moment of a move may be the last. */
async function killSomething(folder: string, daemon: DaemonProcess, random: Random): Promise<string> {
  const until = performance.now() + 3_000;
  while (moversOf(folder).shells.length === 0 && performance.now() < until) await sleep(5);
  await sleep(random.between(0, 250));
  const { programs, shells } = moversOf(folder);
  const what = random.next();
  if (what < 0.35) kill(...programs.slice(0, 1));
  else if (what < 0.45) kill(...shells.slice(0, 1));
  else if (what < 0.55) kill(...programs, ...shells);
  else if (what < 0.8) daemon.signal('SIGKILL');
  else {
    daemon.signal('SIGKILL');
    kill(...programs, ...shells);
  }
  if (what >= 0.55) await daemon.exited;
  return `${what.toFixed(2)}, ${programs.length} movers`;
}

async function allArrived(ledger: Ledger, daemon: DaemonProcess): Promise<void> {
  const arrived = () => new Set(finished(ledger)).size;
  await vi.waitFor(() => expect(arrived(), daemon.output().slice(-3000)).toBe(PLOTS), {
    timeout: 300_000,
    interval: 200,
  });
}

function finished({ events }: Ledger): string[] {
  return events.flatMap(({ type, plot }) =>
    type === 'move_finished' ? String(plot).split('/').slice(-1) : [],
  );
}

/** Each plot is whole in one place, was told once, and nothing else is left. */
function faultsOf({ places, at }: ReturnType<typeof makeFarm>, ledger: Ledger): string[] {
  const faults: string[] = [];
  const sums = readFileSync(at('sums.txt'), 'utf8').trim().split('\n');
  const wanted = new Map(sums.map((line) => [line.split(' ')[0] ?? '', line.split(' ')[1] ?? '']));
  const found = new Map<string, string[]>();
  for (const place of places)
    for (const name of readdirSync(place)) found.set(name, [...(found.get(name) ?? []), place]);
  const told = finished(ledger);
  for (const name of new Set(told))
    if (told.filter((each) => each === name).length > 1) faults.push(`${name} was told more than once`);
  for (const [name, where] of found) {
    if (where.length > 1) faults.push(`${name} is in ${where.join(' and ')}`);
    if (!name.endsWith('.plot')) faults.push(`${name} is left in ${where.join()}`);
    else if (sha1(join(where[0] ?? '', name)) !== wanted.get(name)) faults.push(`${name} is not whole`);
    if (where.includes(at('stage'))) faults.push(`${name} was not moved`);
  }
  for (const name of told) if (!found.has(name)) faults.push(`${name} is lost`);
  return faults;
}

function sha1(file: string): string {
  return createHash('sha1').update(readFileSync(file)).digest('hex');
}
