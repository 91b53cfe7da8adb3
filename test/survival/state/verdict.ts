import { readdirSync } from 'node:fs';
import { runOf } from '../../../src/engine/model/state.ts';
import { collectingLog } from '../../unit/storage/support/log.ts';
import type { Random } from '../support/random.ts';
import type { Damage } from './damage.ts';
import { historyOf, mostOfAllTime } from './left.ts';
import { Machine } from './machine.ts';
import { filesOf, layOut, type Recording, textOf } from './recordings.ts';
import type { Truth } from './world.ts';

export interface Verdict {
  faults: string[];
  /** The daemon said that records are lost. */
  lost: boolean;
}

/** Files of which one alone may be gone without any loss: the others lead to the same state. */
const SPARE = /^(state\.json|state\.previous\.json|instance|journal\.(\d+)\.jsonl)$/;

/** Starts a daemon on a damaged directory, lets all come to its end, and says what is wrong with that. */
export async function verdict(
  dir: string,
  recording: Recording,
  files: ReadonlyMap<string, Buffer>,
  damages: readonly Damage[],
  random: Random,
): Promise<Verdict> {
  layOut(dir, files);
  const truth = structuredClone(recording.truth);
  const { log, errors, warnings, infos } = collectingLog();
  const options = { dir, truth, random, log };
  const faults: string[] = [];
  let machine: Machine;
  try {
    machine = await Machine.boot(options);
  } catch (error) {
    return { faults: [`it doesn't start: ${error instanceof Error ? error.stack : error}`], lost: true };
  }
  const lost = machine.problems.some((problem) => problem.startsWith('records of the state are lost'));
  const before = JSON.parse(recording.state);
  const said = errors.length + warnings.length + infos.length > 0;
  if (!said && textOf(machine) !== recording.state)
    faults.push(`a silent difference: ${difference(machine, recording)}`);
  if (onlySpare(damages, recording) && !lost && textOf(machine) !== recording.state)
    faults.push(`the state is another one: ${difference(machine, recording)}`);
  if (machine.state.instance !== before.instance) faults.push(`the instance is ${machine.state.instance}`);
  checkCounts(machine, files, before, damages, faults);
  const counted = machine.state.plots_done;
  const alive = [...truth.processes.values()].filter(({ running }) => running);
  const runs = new Map([...machine.state.workers.values()].map(({ id, run }) => [id, run]));
  try {
    liveOn(machine, truth, random);
  } catch (error) {
    faults.push(`it fails: ${error instanceof Error ? error.stack : error}`);
    return { faults, lost };
  }
  for (const each of machine.repeated) faults.push(`${each} was begun twice`);
  checkEvents(machine, truth, recording.truth, lost, faults);
  const after = historyOf(filesOf(dir));
  for (const { worker, kind } of alive) {
    const followed = machine.events.some(
      (event) => event.worker === worker || runs.get(event.worker ?? '') === worker,
    );
    const given = machine.problems.some((problem) =>
      problem.startsWith(`worker ${worker} runs, and nothing is left`),
    );
    if (!followed && !(given && touchesTwoFiles(damages)))
      faults.push(`worker ${worker} (${kind}) was given up`);
  }
  const ended = machine.events.filter(
    (event) => (event.type === 'worker_end' || event.type === 'worker_dismissed') && event.plot !== null,
  );
  const had = historyOf(files).workers;
  for (const event of ended)
    if (had.has(event.worker ?? '')) faults.push(`worker ${event.worker} ended twice`);
  checkPlots(machine, recording, damages, faults);
  checkPlacedPlots(dir, recording, damages, faults);
  if (machine.state.plots_done - counted !== ended.length)
    faults.push(`${machine.state.plots_done} plots after ${counted} and ${ended.length} ends`);
  if (after.plots_done > machine.state.plots_done) faults.push('the history knows more plots');
  if (machine.state.workers.size > 0)
    faults.push(
      `workers are left: ${JSON.stringify([...machine.state.workers.values()])} ${machine.problems.join('|')}`,
    );
  const aside = readdirSync(dir).filter((name) => name.includes('.bad-'));
  if (aside.length > 16) faults.push(`${aside.length} files were set aside`);
  await checkHealed(machine, options, faults);
  return { faults, lost };
}

function onlySpare(damages: readonly Damage[], { files }: Recording): boolean {
  const [damage, ...others] = damages;
  if (damage === undefined || others.length > 0 || damage.what.startsWith('exchanged')) return false;
  const newest = [...files.keys()]
    .filter((name) => name.startsWith('journal.'))
    .sort(byNumber)
    .at(-1);
  return SPARE.test(damage.file) && damage.file !== newest;
}

function byNumber(a: string, b: string): number {
  return Number(a.split('.')[1]) - Number(b.split('.')[1]);
}

function difference(machine: Machine, recording: Recording): string {
  const [is, was]: Record<string, unknown>[] = [JSON.parse(textOf(machine)), JSON.parse(recording.state)];
  return Object.keys(was ?? {})
    .filter((key) => JSON.stringify(is?.[key]) !== JSON.stringify(was?.[key]))
    .map((key) => {
      const [one, other] = [JSON.stringify(is?.[key]), JSON.stringify(was?.[key])];
      const from = Math.max(0, [...one].findIndex((letter, at) => letter !== other[at]) - 150);
      return `${key} ${one.slice(from, from + 300)} not ${other.slice(from, from + 300)}`;
    })
    .join('; ');
}

function checkCounts(
  machine: Machine,
  files: ReadonlyMap<string, Buffer>,
  before: { plots_done: number; jobs: [string, { plots_done: number }][] },
  damages: readonly Damage[],
  faults: string[],
): void {
  const { state } = machine;
  const least = mostOfAllTime(files);
  if (state.plots_done < least) faults.push(`${state.plots_done} plots of all time, but ${least} are left`);
  const bad = damages.some(({ file }) => file === 'history.jsonl');
  if (state.plots_done > before.plots_done + (bad ? 1 : 0))
    faults.push(`${state.plots_done} plots of all time, but there were ${before.plots_done}`);
  for (const [id, count] of historyOf(files).jobs) {
    const job = state.jobs.get(id);
    const known = before.jobs.find(([name]) => name === id)?.[1].plots_done;
    // A job's count may fall behind the history only where a reset is to be written to it yet.
    if (job && job.plots_done < Math.min(count, known ?? count))
      faults.push(`${job.plots_done} plots of ${id}, but ${count} are left`);
  }
}

/** Nothing may be left of a worker only where both its record and the state's are gone. */
function touchesTwoFiles(damages: readonly Damage[]): boolean {
  return damages.length > 1 || damages.some(({ what }) => what.startsWith('exchanged'));
}

/**
 * A plotter that had made its plot when the daemon was killed has made it, whatever befell the files; of those that make
 * several see `checkPlacedPlots`.
 */
function checkPlots(
  machine: Machine,
  { truth, files }: Recording,
  damages: readonly Damage[],
  faults: string[],
): void {
  for (const { worker, kind, running, code } of truth.processes.values()) {
    if (kind !== 'plotter' || running || code !== 0 || worker.startsWith('gamma-')) continue;
    // After its clean-up nothing but a record knows it.
    if (!files.has(`workers/${worker}/worker.json`)) continue;
    // Its log is all that names a plot whose record is lost.
    if (damages.some(({ file, what }) => file.includes(worker) || what.includes(worker))) continue;
    const end = machine.events.find((event) => event.type === 'worker_end' && event.worker === worker);
    if (end?.type === 'worker_end' && end.plot === null) faults.push(`the plot of ${worker} is lost`);
  }
}

/** Nor is a plot of a run of several lost that was in its place: the log said so when the daemon was killed. */
function checkPlacedPlots(
  dir: string,
  { truth, files }: Recording,
  damages: readonly Damage[],
  faults: string[],
): void {
  const history = filesOf(dir).get('history.jsonl')?.toString() ?? '';
  for (const [run, placed] of truth.placed) {
    if (!files.has(`workers/${run}/worker.json`)) continue;
    const touched = ({ file, what }: Damage) =>
      [run, 'history.jsonl'].some((name) => `${file} ${what}`.includes(name));
    // What a worker's own directory says is all that is left of a later plot whose record is lost.
    if (damages.some(touched) || damages.length > 1) continue;
    for (const plot of placed) if (!history.includes(plot)) faults.push(`the plot ${plot} is lost`);
  }
}

function checkEvents(machine: Machine, truth: Truth, before: Truth, lost: boolean, faults: string[]): void {
  let last = 0;
  for (const { id, seq } of machine.events) {
    if (truth.told.has(id)) faults.push(`event ${id} was told before`);
    truth.told.add(id);
    if (last > 0 && seq !== last + 1) faults.push(`event ${seq} comes after ${last}`);
    if (lost && seq <= before.seq) faults.push(`number ${seq} was used before`);
    last = seq;
  }
}

/** Plotters finish, and what is then to be done is done. */
function liveOn(machine: Machine, truth: Truth, random: Random): void {
  machine.comeUp();
  machine.settle();
  for (const id of machine.state.jobs.keys())
    machine.command({ type: 'set', job: id, settings: { enabled: false, paused: false } });
  for (let round = 0; round < 200; round += 1) {
    machine.settle();
    machine.pass(10_000);
    const running = [...truth.processes.values()].filter(({ running: runs }) => runs);
    if (running.length === 0 && machine.state.workers.size === 0 && machine.outstanding.length === 0) return;
    for (const { worker, kind } of running) {
      const known = machine.subjectOf(worker, kind);
      const isAlone = known && runOf(machine.state, known).plots === 1;
      if (isAlone && kind === 'plotter') machine.say(known, `plot plot-${worker}`, random.next() < 0.5);
      machine.exit(worker, kind, 0, true);
    }
    // One of which only its directory is left waits for a pause to end.
    for (const { job, slot, paused } of [...machine.state.runs.values()])
      if (paused) machine.command({ type: 'pause_worker', job, slot, paused: false });
  }
}

/** The next start finds everything whole. */
async function checkHealed(
  machine: Machine,
  options: Parameters<typeof Machine.boot>[0],
  faults: string[],
): Promise<void> {
  machine.kill();
  const state = textOf(machine);
  const { log, errors, warnings } = collectingLog();
  const next = await Machine.boot({ ...options, log });
  // A worker that nobody knew, and that has ended since, is put away only now.
  const said = [...errors, ...warnings].filter((text) => !text.startsWith('nothing is left that says'));
  if (said.length > 0) faults.push(`the next start says: ${said.join('\n')}`);
  if (textOf(next) !== state) faults.push('the next start finds another state');
  next.kill();
}
