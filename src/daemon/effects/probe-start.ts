import type { Effect, ReplotQuery, WantedDirectory } from '../../engine/effects.ts';
import type { DiskFacts, FoundDirectory, UsedRoom } from '../../engine/inputs.ts';
import { runOf, type State } from '../../engine/model/state.ts';
import type { WorkerState } from '../../engine/model/worker-state.ts';
import { plotFile } from '../../engine/working/stages.ts';
import { fileBytes, usedBytes } from '../../host/directories.ts';
import { threads } from '../../host/looks.ts';
import { mountOf, mountPoints } from '../../host/mounts.ts';
import { isPattern } from '../../util/directory-patterns.ts';
import { type Allowance, outsideOf } from '../commands/allowed-directories.ts';
import type { OldPlotsRemoval } from './old-plots.ts';
import type { Place, Places } from './places.ts';

/** A disk that takes longer to answer counts as away. However many do, a start has been looked at in 5 s (contract, section 8). */
const LOOK_MS = 3_500;
/** With what is looked at of directories that have answered. */
const ALL_MS = 4_500;
/** The names under which plotters write a plot on its way to the destination. */
const PARTIAL_SUFFIXES = ['', '.tmp', '.2.tmp'];

type ProbeEffect = Extract<Effect, { type: 'probe' }>;

export interface ProbeParts {
  state: State;
  places: Places;
  oldPlots: OldPlotsRemoval;
  allowance(): Allowance;
}

/** Looks at everything that a start has to know of the disks. Never rejects. */
export async function probeStart(effect: ProbeEffect, parts: ProbeParts): Promise<DiskFacts> {
  const { state } = parts;
  const [directories, used] = await Promise.all([
    lookAtAll(effect, parts),
    effect.measure ? measure([...state.workers.values()], state) : null,
  ]);
  return { wanted: effect.directories, directories, used };
}

async function lookAtAll({ directories: wanted, replot }: ProbeEffect, parts: ProbeParts) {
  const by = performance.now() + ALL_MS;
  const written = wanted.map(({ path }) => path);
  const found = await parts.places.find(written, { withinMs: LOOK_MS });
  const each = wanted.map((directory) => factsOf(directory, found.get(directory.path) ?? []));
  const allowed = await heldToAllowance(eachOnce(each.flat()), wanted, parts, by);
  return Promise.all(allowed.map((directory) => withOldPlots(directory, replot, parts, by)));
}

/** What is known of the places that an argument may get by one of its directories or patterns. */
function factsOf({ argument, role, path: written }: WantedDirectory, found: readonly Place[]) {
  if (found.length === 0 && isPattern(written)) return [unmatched({ argument, role, path: written })];
  return found.map(
    ({ path, problem, filesystem, free_bytes }): FoundDirectory => ({
      ...{ argument, role, path, problem },
      device: filesystem?.key ?? '',
      free_bytes: free_bytes ?? 0,
      old_plots: [],
      filesystem: null,
    }),
  );
}

function unmatched(of: Pick<FoundDirectory, 'argument' | 'role' | 'path'>): FoundDirectory {
  return { ...of, problem: 'unmatched', device: '', free_bytes: 0, old_plots: [], filesystem: null };
}

/** What several patterns of an argument match is one directory. */
function eachOnce(directories: readonly FoundDirectory[]): FoundDirectory[] {
  const known = new Map<string, FoundDirectory>();
  for (const directory of directories) {
    const key = `${directory.argument} ${directory.path}`;
    if (!known.has(key)) known.set(key, directory);
  }
  return [...known.values()];
}

/** Those that arrived over MQTT must lie where config.yaml allows, whatever they lead to by now. */
async function heldToAllowance(
  directories: readonly FoundDirectory[],
  wanted: readonly WantedDirectory[],
  { allowance }: ProbeParts,
  by: number,
): Promise<FoundDirectory[]> {
  const arrived = new Set(wanted.filter(({ over_mqtt }) => over_mqtt).map(({ argument }) => argument));
  const asked = directories.filter(({ argument, problem }) => problem === null && arrived.has(argument));
  if (asked.length === 0) return [...directories];
  const paths = asked.map(({ path }) => path);
  const outside = await outsideOf(allowance(), paths, Math.max(1, by - performance.now()));
  return directories.map((directory) =>
    asked.includes(directory) && outside.has(directory.path)
      ? { ...directory, problem: 'not_allowed' }
      : directory,
  );
}

/** Where old plots can't be looked for none goes, and none counts as room. */
async function withOldPlots(
  directory: FoundDirectory,
  replot: ReplotQuery | null,
  { oldPlots }: ProbeParts,
  by: number,
): Promise<FoundDirectory> {
  if (replot === null || directory.role !== 'destination' || directory.problem !== null) return directory;
  const old = await within(by - performance.now(), oldPlots.list(directory.path, replot));
  return { ...directory, old_plots: old?.plots ?? [], filesystem: old?.filesystem ?? null };
}

/** What isn't known in time is left out: a worker on a dead disk counts as if it had taken nothing. */
export async function measure(workers: WorkerState[], state: State): Promise<Map<string, UsedRoom>> {
  const points = mountPoints();
  const used = await Promise.all(
    workers.map((worker) => {
      const [first = '/'] = runOf(state, worker).spec.temp_dirs;
      return threads.take(mountOf(first, points), () => usedBy(worker, state).catch(() => null), LOOK_MS);
    }),
  );
  const map = new Map<string, UsedRoom>();
  for (const [index, worker] of workers.entries()) {
    const room = used[index];
    if (room) map.set(worker.id, room);
  }
  return map;
}

async function usedBy(worker: WorkerState, state: State): Promise<UsedRoom> {
  const temp = await Promise.all(runOf(state, worker).spec.temp_dirs.map(usedBytes));
  const file = plotFile(state, worker);
  const plot = file === null ? [] : await Promise.all(PARTIAL_SUFFIXES.map((end) => fileBytes(file + end)));
  return {
    temp_bytes: temp.reduce((sum, bytes) => sum + bytes, 0),
    plot_bytes: Math.max(0, ...plot.map((bytes) => bytes ?? 0)),
  };
}

/** What isn't known in time is `null`. */
async function within<Value>(ms: number, promise: Promise<Value>): Promise<Value | null> {
  const late = new Promise<null>((resolve) => setTimeout(resolve, Math.max(1, ms), null).unref());
  return Promise.race([promise.catch(() => null), late]);
}
