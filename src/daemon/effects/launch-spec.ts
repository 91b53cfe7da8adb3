import { delimiter } from 'node:path';
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

/** How a worker's process is started, with its files in `dir`. */
export function launchSpec(
  worker: WorkerState,
  kind: ProcessKind,
  dir: string,
  place: CommandPlace,
): LaunchSpec {
  const { spec } = worker;
  const plotter = kind === 'plotter';
  return {
    dir,
    kind,
    snippet: snippetOf(worker, kind),
    words: plotter ? spec.words : [],
    env: environmentOf(worker, kind, place),
    cwd: place.directory,
    graceMs: spec.stop_grace_s * 1000,
    oomScoreAdj: OOM_SCORE,
    ...(plotter && spec.cpus !== null ? { cpus: expandCpus(spec.cpus) } : {}),
    ...(plotter && spec.nice !== null ? { nice: spec.nice } : {}),
  };
}

function snippetOf({ spec, plot }: WorkerState, kind: ProcessKind): string {
  switch (kind) {
    case 'pre':
      return spec.pre_command ?? '';
    case 'plotter':
      return snippetWithArguments(spec.command);
    case 'post':
      return (spec.post_command ?? '').replaceAll(PLOT, () => quoteForShell(plot ?? ''));
    default:
      return kind satisfies never;
  }
}

function environmentOf(worker: WorkerState, kind: ProcessKind, { binDirectory }: CommandPlace) {
  return {
    PATH: [binDirectory, process.env.PATH ?? ''].join(delimiter),
    // `plot2mqtt` there runs on the same Node.js as here.
    PLOT2MQTT_NODE: process.execPath,
    PLOT2MQTT_JOB: worker.job,
    PLOT2MQTT_WORKER: worker.id,
    // What a plotter starts is known by these, in whatever process group it is.
    PLOT2MQTT_RUN: worker.id,
    PLOT2MQTT_STEP: kind,
    PLOT2MQTT_SLOT: String(worker.slot),
    PLOT2MQTT_DEST_DIR: worker.spec.dest_dir ?? '',
    ...(kind === 'post' ? { PLOT2MQTT_PLOT: worker.plot ?? '' } : {}),
  };
}
