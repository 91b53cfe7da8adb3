import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runOf } from '../../../src/engine/model/state.ts';
import { toSnapshot } from '../../../src/engine/model/snapshot.ts';
import type { WorkerState } from '../../../src/engine/model/worker-state.ts';
import type { Logger } from '../../../src/util/log.ts';
import { canonical, MOVED_BY_THE_LOG } from '../../unit/engine/canonical.ts';
import type { Random } from '../support/random.ts';
import { DIRECTORY } from './damage.ts';
import { job } from './jobs.ts';
import { endProcess, Machine, type MachineOptions } from './machine.ts';
import { emptyWorld, keyOf, type Truth } from './world.ts';

/** A data directory as a daemon left it that was killed in mid-plot, with what was true then. */
export interface Recording {
  /** Its files by name, relative. */
  files: Map<string, Buffer>;
  /** Each of its files as it was some time before, where it was there. */
  older: Map<string, Buffer>;
  truth: Truth;
  /** The state that its files lead to. */
  state: string;
}

/** The files below a directory, by relative name. */
export function filesOf(dir: string): Map<string, Buffer> {
  const names = readdirSync(dir, { recursive: true, encoding: 'utf8' });
  const files = names.filter((name) => statSync(join(dir, name)).isFile());
  return new Map(files.sort().map((name) => [name, readFileSync(join(dir, name))]));
}

/** A state as text. */
export function textOf(machine: Machine): string {
  // The length of the history is looked up at each start.
  const { runs, workers, history_bytes: _, ...rest } = toSnapshot(machine.state);
  const known = (pairs: readonly [string, object][]) =>
    pairs.map(([id, value]) => [
      id,
      Object.fromEntries(Object.entries(value).filter(([key]) => !MOVED_BY_THE_LOG.has(key))),
    ]);
  return canonical({ ...rest, runs: known(runs), workers: known(workers) });
}

/** Plays a farm for a while, and records what its daemon leaves whenever it is killed. */
export async function record(dir: string, random: Random, log: Logger, count: number): Promise<Recording[]> {
  const recordings: Recording[] = [];
  const truth = emptyWorld();
  const options = { dir, truth, random, log };
  rmSync(dir, { recursive: true, force: true });
  let machine = await Machine.boot(options);
  machine.comeUp();
  let older = new Map<string, Buffer>();
  while (recordings.length < count) {
    const steps = random.between(10, 120);
    for (let done = 0; done < steps; done += 1) happen(machine, options);
    for (const { id } of machine.events) truth.told.add(id);
    const way = random.next();
    if (way < 0.25) machine.stop();
    else if (way < 0.5) machine.killInHistory();
    else machine.kill();
    const files = filesOf(dir);
    const world = structuredClone(truth);
    for (const { worker, kind, running } of [...truth.processes.values()])
      if (running && random.next() < 0.2) endProcess(options, worker, kind, 0);
    machine = await Machine.boot(options);
    if (machine.problems.length > 0) throw new Error(`not whole: ${machine.problems.join('\n')}`);
    recordings.push({ files, older, truth: world, state: textOf(machine) });
    if (random.next() < 0.5) older = files;
    machine.comeUp();
  }
  return recordings;
}

/** The real one is larger; a snapshot at any moment is what matters here. */
const JOURNAL_BYTES = 50_000;

let made = 0;

/** One thing happens. */
function happen(machine: Machine, { random, truth }: MachineOptions): void {
  machine.settle(random.next() < 0.8 ? 10_000 : random.between(0, 2));
  if (machine.size() > JOURNAL_BYTES) machine.compact();
  const workers = [...machine.state.workers.values()];
  const worker = workers[random.between(0, Math.max(0, workers.length - 1))];
  const jobs = [...machine.state.jobs.keys()];
  const name = jobs[random.between(0, jobs.length - 1)] ?? 'alpha';
  const what = random.next();
  if (what < 0.2) machine.command({ type: 'start', job: name, workers: 1 });
  else if (what < 0.5 && worker && runOf(machine.state, worker).plots > 1)
    talkOfSeveral(machine, worker, truth, random);
  else if (what < 0.5 && worker) talk(machine, worker, random);
  else if (what < 0.7) endOne(machine, truth, random);
  else if (what < 0.8) machine.pass(random.between(1, 30_000));
  else if (what < 0.84) machine.take({ type: 'acked', seq: machine.state.seq - random.between(0, 20) });
  else if (what < 0.87) machine.command({ type: 'reset', job: name });
  else if (what < 0.9) machine.command({ type: 'set', job: name, settings: { paused: random.next() < 0.3 } });
  else if (what < 0.93)
    machine.command({ type: 'set', job: name, settings: { plots_to_do: random.between(0, 9) * 10 } });
  else if (what < 0.96) {
    made += 1;
    const definition = job({ title: `Made ${made}`, max_workers: 2, post_command: 'true' });
    machine.command({ type: 'create_job', job: `made-${made}`, definition });
  } else if (what < 0.98 && name.startsWith('made'))
    machine.command({ type: 'delete_job', job: name, dismiss: true });
  else if (worker) machine.command({ type: 'dismiss_worker', job: worker.job, slot: worker.slot });
}

/** A plotter that makes several plots says something of the one that it makes, or puts one in its place. */
function talkOfSeveral(machine: Machine, worker: WorkerState, truth: Truth, random: Random): void {
  const { id, plots } = runOf(machine.state, worker);
  if (!truth.processes.get(keyOf(id, 'plotter'))?.running) return;
  const begun = truth.begun.get(id) ?? 0;
  const what = random.next();
  const heard = random.next() < 0.9;
  if (begun === 0 || (what < 0.4 && begun < plots)) {
    truth.begun.set(id, begun + 1);
    return machine.say(worker, 'begin', heard);
  }
  const nth = random.between(Math.max(1, begun - 1), begun);
  const file = `/no-disk/plots/plot-${id}-${nth}.plot`;
  if (what < 0.6) return machine.say(worker, `plot plot-${id}-${begun}`, heard);
  if (what < 0.7) return machine.say(worker, 'stage 2', heard);
  const placed = truth.placed.get(id) ?? [];
  if (placed.includes(file)) return;
  truth.placed.set(id, [...placed, file]);
  // It has said before whose that is.
  machine.say(worker, `final ${file}`, heard);
}

function talk(machine: Machine, worker: WorkerState, random: Random): void {
  const lines = [
    `plot plot-${worker.id}`,
    'stage 1',
    'stage 2',
    `final /no-disk/plots/plot-${worker.id}.plot`,
  ];
  if (worker.step === 'plotter') machine.say(worker, lines[random.between(0, 3)] ?? '', random.next() < 0.9);
}

function endOne(machine: Machine, truth: Truth, random: Random): void {
  const running = [...truth.processes.values()].filter(({ running }) => running);
  const chosen = running[random.between(0, Math.max(0, running.length - 1))];
  if (!chosen) return;
  const worker = machine.subjectOf(chosen.worker, chosen.kind);
  // A plotter that ends well has named its plot.
  const isAlone = worker && runOf(machine.state, worker).plots === 1;
  if (isAlone && chosen.kind === 'plotter')
    machine.say(worker, `plot plot-${worker.id}`, random.next() < 0.9);
  machine.exit(chosen.worker, chosen.kind, random.next() < 0.85 ? 0 : 1, random.next() < 0.9);
}

/** Puts files where a daemon finds them. */
export function layOut(dir: string, files: ReadonlyMap<string, Buffer>): void {
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true });
  const folders = new Set<string>();
  for (const [name, bytes] of files) {
    const file = join(dir, name);
    if (!folders.has(dirname(file))) mkdirSync(dirname(file), { recursive: true });
    folders.add(dirname(file));
    if (bytes === DIRECTORY) mkdirSync(file);
    else writeFileSync(file, bytes);
  }
}
