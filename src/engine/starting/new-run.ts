import { join } from 'node:path';
import type { PlotterDefinition } from '../../config/schema/plotter.ts';
import { commandWords, directoriesOf, remoteValues } from '../../plotters/command.ts';
import type { Draws } from '../../plotters/computed.ts';
import { paceSize } from '../../plotters/space.ts';
import { NO_ENERGY } from '../model/energy.ts';
import type { JobState } from '../model/job-state.ts';
import type { RunSpec, RunState } from '../model/run-state.ts';
import type { State } from '../model/state.ts';
import type { ExpectedPace, WorkerState } from '../model/worker-state.ts';
import type { Moment } from '../surroundings.ts';
import { planOf } from '../working/stages.ts';
import { keepsLog } from './kept-logs.ts';
import { directoriesOverMqtt, type ResolvedJob } from './places/resolve.ts';

/** The directory of its own that a run has in a temporary directory (contract, section 3). */
export function ownDirectoryName(run: string): string {
  return `plot2mqtt-${run}`;
}

/** A run that has done nothing yet. `now`: milliseconds since 1970. */
export function newRun(
  about: Pick<RunState, 'id' | 'slot' | 'definition' | 'spec' | 'cause' | 'plots'>,
  job: JobState,
  resolved: ResolvedJob,
  now: number,
): RunState {
  return {
    ...about,
    job: job.id,
    plotter: resolved.plotter,
    begun: 0,
    ends_after: null,
    is_over: false,
    has_failed: false,
    started_at: now,
    origin: job.owner,
    over_mqtt: directoriesOverMqtt(job, resolved).map(({ path }) => path),
    owns_by_record: true,
    partial: resolved.definition.partial,
    process: null,
    log_offset: 0,
    paused: false,
    suspended: false,
    suspended_at: null,
    dismissed: false,
    interrupted: false,
    refused: null,
    stopped_for: null,
    ended_with: null,
  };
}

/** A worker of a run; it has done nothing yet. */
export function newWorker(
  {
    run: { id: run, job, slot },
    nth = 1,
    ...about
  }: Pick<WorkerState, 'id' | 'cause' | 'placement' | 'pace' | 'save_log'> & {
    run: Pick<RunState, 'id' | 'job' | 'slot'>;
    nth?: number;
  },
  { now, steady }: Moment,
): WorkerState {
  return {
    ...about,
    run,
    nth,
    job,
    slot,
    step: 'pre',
    held: false,
    beside: null,
    dismissed: false,
    started_at: now,
    began_at: steady,
    post: null,
    plotter_started_at: null,
    plotter_seq: null,
    pace_from: steady,
    replot_rule: null,
    replot: [],
    replot_room: null,
    replot_refused: null,
    leaf: -1,
    fraction: 0,
    moved_at: steady,
    floor: 0,
    leaf_at: steady,
    phase_at: steady,
    leaf_ms: [],
    percent: 0,
    told_percent: 0,
    told_at: 0,
    plot_name: null,
    plot_id: null,
    final_file: null,
    named_seq: null,
    plot_bytes: null,
    error: null,
    waits: false,
    waiting: null,
    silent_ms: 0,
    silent_from: 0,
    growth: null,
    silences: {},
    stalled_s: null,
    fatal: null,
    plot: null,
    plot_size: null,
    plot_duration_s: null,
    ...NO_ENERGY,
    failed: null,
  };
}

/** What a run of this job is started with; `draws` as for `commandWords`. */
export function runSpecOf(
  job: JobState,
  { definition, values, command }: ResolvedJob,
  { id, plots }: Pick<RunState, 'id' | 'plots'>,
  draws: Draws | null = null,
): RunSpec {
  const { temp, destinations } = directoriesOf(definition, values);
  const own = temp.map((each) => ({ ...each, path: join(each.path, ownDirectoryName(id)) }));
  const directories: Record<string, string[]> = {};
  for (const { argument, path } of [...own, ...destinations])
    directories[argument] = [...(directories[argument] ?? []), path];
  // What is no local directory is handed over beside them.
  for (const [argument, paths] of Object.entries(directories))
    paths.push(...remoteValues(definition, values, argument));
  return {
    arguments: values,
    command,
    words: commandWords(definition, values, { directories, draws, plots }),
    temp_dirs: [...new Set(own.map((each) => each.path))],
    pre_command: job.definition.pre_command ?? null,
    post_command: job.definition.post_command ?? null,
    cpus: job.definition.cpus ?? null,
    nice: job.definition.nice ?? null,
    stop_grace_s: job.definition.stop_grace ?? definition.stop.grace,
    save_logs: keepsLog(job),
  };
}

/** Shares of the stages: this machine's own as soon as it has made such a plot, else the definition's. */
export function paceOf(state: State, { plotter, definition, values }: ResolvedJob): ExpectedPace {
  const size = paceSize(definition, values);
  const [main] = directoriesOf(definition, values).temp;
  return paceUnder(state, definition, [plotter, size, main?.path ?? ''].join(' '));
}

/** The same, as it is remembered under a key. */
export function paceUnder(state: State, definition: PlotterDefinition, key: string): ExpectedPace {
  const { leaves } = planOf(definition);
  const pace = state.paces.get(key);
  const seconds = leaves.map((leaf) => pace?.stages[leaf.id] ?? 0);
  const total = seconds.reduce((sum, each) => sum + each, 0);
  if (total <= 0) return { key, weights: leaves.map((leaf) => leaf.weight), expected_s: null };
  return { key, weights: seconds.map((each) => each / total), expected_s: total };
}

/** Where a worker of this job gets its directories, when nobody has looked at the disks: no room is claimed there. */
export function placementOf({ definition, values }: ResolvedJob): WorkerState['placement'] {
  const { temp, destinations } = directoriesOf(definition, values);
  const placed = (role: 'temp' | 'destination') => (path: string) => ({
    role,
    path,
    filesystem: '',
    bytes: 0,
  });
  return [
    ...temp.map(({ path }) => path).map(placed('temp')),
    ...destinations.map(({ path }) => path).map(placed('destination')),
  ];
}
