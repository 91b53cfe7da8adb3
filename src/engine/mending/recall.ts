import type { PlotterDefinition } from '../../config/schema/plotter.ts';
import { plotsInLog } from '../../plotters/plots-in-log.ts';
import type { Signal } from '../../plotters/signal.ts';
import type { StagePlan } from '../../plotters/stages.ts';
import type { RunState } from '../model/run-state.ts';
import type { WorkerState } from '../model/worker-state.ts';
import { planOf } from '../working/stages.ts';
import { getsOn } from '../working/plotter-waits.ts';

/** What a plotter's log says of its worker, without telling it to anybody. */
export type Recalled = Pick<
  WorkerState,
  'leaf' | 'fraction' | 'plot_name' | 'plot_id' | 'final_file' | 'plot_bytes' | 'error' | 'waits' | 'fatal'
>;

/** Which of a log's plots is meant: one alone is, whatever its log says. */
export type PlotMeant = Pick<RunState, 'plots'> & Pick<WorkerState, 'nth'>;

/** Of so many plots it is remembered where they are. */
const REMEMBERED = 64;

/** Reads a log from its first line on, as it was read when its lines were new: what it says of one of its plots. */
export function recall(
  definition: PlotterDefinition,
  lines: Iterable<string>,
  { plots, nth }: PlotMeant = { plots: 1, nth: 1 },
): Recalled {
  const plan = planOf(definition);
  const log = plotsInLog(definition);
  const all = new Map<number, Recalled>();
  const own = (each: number) => (plots === 1 ? 1 : each);
  const of = (each: number) => all.get(each) ?? nothingRecalled();
  for (const line of lines) {
    const read = log.parse(line, (each) => plan.leaves[of(own(each)).leaf]?.id ?? null);
    const recalled = of(own(read.nth));
    all.set(own(read.nth), recalled);
    if (own(read.nth) - REMEMBERED !== nth) all.delete(own(read.nth) - REMEMBERED);
    if (recalled.waits && getsOn(plan, recalled, read.signals))
      Object.assign(recalled, { error: null, waits: false });
    for (const signal of read.signals) take(recalled, plan, signal);
  }
  return of(nth);
}

function nothingRecalled(): Recalled {
  return {
    leaf: -1,
    fraction: 0,
    plot_name: null,
    plot_id: null,
    final_file: null,
    plot_bytes: null,
    error: null,
    waits: false,
    fatal: null,
  };
}

function take(recalled: Recalled, plan: StagePlan, signal: Signal): void {
  switch (signal.type) {
    case 'enter':
      return advance(recalled, plan.indexOf(signal.stage));
    case 'leave':
      return advance(recalled, Math.min(plan.lastIndexOf(signal.stage) + 1, plan.leaves.length - 1));
    case 'inside': {
      const leaf = plan.indexOf(signal.stage);
      advance(recalled, leaf);
      if (leaf === recalled.leaf)
        recalled.fraction = Math.max(recalled.fraction, Math.min(signal.fraction, 1));
      return;
    }
    case 'plot_name':
      recalled.plot_name = signal.name;
      return;
    case 'plot_id':
      recalled.plot_id = signal.id;
      return;
    case 'plot_size':
      recalled.plot_bytes = signal.bytes;
      return;
    case 'final_file':
      Object.assign(recalled, { final_file: signal.file, error: recalled.fatal });
      return;
    case 'error':
      if (signal.fatal) recalled.fatal ??= signal.message;
      Object.assign(recalled, { error: recalled.fatal ?? signal.message, waits: signal.waits });
      return;
    case 'begin':
    case 'goes_on':
      return;
    default:
      signal satisfies never;
  }
}

function advance(recalled: Recalled, leaf: number): void {
  if (leaf > recalled.leaf) Object.assign(recalled, { leaf, fraction: 0 });
}
