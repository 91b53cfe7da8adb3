import { delimiter } from 'node:path';
import { destinationOf } from '../../engine/model/placement.ts';
import type { RunState } from '../../engine/model/run-state.ts';
import type { WorkerState } from '../../engine/model/worker-state.ts';
import { expandCpus } from '../../process/cpus.ts';
import type { ProcessKind } from '../../process/files.ts';
import type { LaunchSpec } from '../../process/launch.ts';
import { PLOT, quoteForShell, snippetWithArguments } from '../../process/snippet.ts';

/** So that the kernel, short of memory, takes a plotter before the daemon. */
const OOM_SCORE = 500;

/** What is the same for the processes of all workers. */
export interface CommandPlace {
  /** Where commands run: the directory of config.yaml. */
  directory: string;
  /** Comes first in the commands' PATH, so that `plot2mqtt` is a command there. */
  binDirectory: string;
}

/** Whose process it is: a run's, with the plot of this worker to be made or just made. */
export interface ProcessSubject {
  run: RunState;
  worker: WorkerState;
}

/** How a process of a run or worker is started, with its files in `dir`. */
export function launchSpec(
  subject: ProcessSubject,
  kind: ProcessKind,
  dir: string,
  place: CommandPlace,
): LaunchSpec {
  const { spec } = subject.run;
  const plotter = kind === 'plotter';
  return {
    dir,
    kind,
    snippet: snippetOf(subject, kind),
    words: plotter ? spec.words : [],
    env: environmentOf(subject, kind, place),
    cwd: place.directory,
    graceMs: spec.stop_grace_s * 1000,
    oomScoreAdj: OOM_SCORE,
    ...(plotter && spec.cpus !== null ? { cpus: expandCpus(spec.cpus) } : {}),
    ...(plotter && spec.nice !== null ? { nice: spec.nice } : {}),
  };
}

function snippetOf({ run: { spec }, worker }: ProcessSubject, kind: ProcessKind): string {
  switch (kind) {
    case 'pre':
      return spec.pre_command ?? '';
    case 'plotter':
      return snippetWithArguments(spec.command);
    case 'post':
      return (spec.post_command ?? '').replaceAll(PLOT, () => quoteForShell(worker.plot ?? ''));
    default:
      return kind satisfies never;
  }
}

function environmentOf({ run, worker }: ProcessSubject, kind: ProcessKind, { binDirectory }: CommandPlace) {
  return {
    PATH: [binDirectory, process.env.PATH ?? ''].join(delimiter),
    // `plot2mqtt` there runs on the same Node.js as here.
    PLOT2MQTT_NODE: process.execPath,
    PLOT2MQTT_JOB: worker.job,
    PLOT2MQTT_WORKER: worker.id,
    // What a plotter starts is known by these, in whatever process group it is.
    PLOT2MQTT_RUN: run.id,
    PLOT2MQTT_STEP: kind,
    PLOT2MQTT_SLOT: String(worker.slot),
    PLOT2MQTT_DEST_DIR: destinationOf(worker) ?? '',
    ...(kind === 'post' ? { PLOT2MQTT_PLOT: worker.plot ?? '' } : {}),
  };
}
