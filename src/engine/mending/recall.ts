import type { PlotterDefinition } from '../../config/schema/plotter.ts';
import { compileParser } from '../../plotters/parser.ts';
import type { Signal } from '../../plotters/signal.ts';
import type { StagePlan } from '../../plotters/stages.ts';
import type { WorkerState } from '../model/worker-state.ts';
import { planOf } from '../working/stages.ts';
import { getsOn } from '../working/plotter-waits.ts';

/** What a plotter's log says of its worker, without telling it to anybody. */
export type Recalled = Pick<
  WorkerState,
  'leaf' | 'fraction' | 'plot_name' | 'plot_id' | 'final_file' | 'plot_bytes' | 'error' | 'waits' | 'fatal'
>;

/** Reads a log from its first line on, as it was read when its lines were new. */
export function recall(definition: PlotterDefinition, lines: Iterable<string>): Recalled {
  const plan = planOf(definition);
  const parser = compileParser(definition);
  const recalled: Recalled = {
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
  for (const line of lines) {
    const signals = parser.parse(line, plan.leaves[recalled.leaf]?.id ?? null);
    if (recalled.waits && getsOn(plan, recalled, signals))
      Object.assign(recalled, { error: null, waits: false });
    for (const signal of signals) take(recalled, plan, signal);
  }
  return recalled;
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
    case 'goes_on':
      return;
    default:
      signal satisfies never;
  }
}

function advance(recalled: Recalled, leaf: number): void {
  if (leaf > recalled.leaf) Object.assign(recalled, { leaf, fraction: 0 });
}
