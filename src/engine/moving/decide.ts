import type { FoundPlots } from '../inputs.ts';
import type { State } from '../model/state.ts';
import type { ChosenPlot, WorkerState } from '../model/worker-state.ts';
import { chooseOldPlots, creditsTaken, wantedFor } from './choose-old-plots.ts';
import { creditOf } from './credit.ts';
import { type DestinationLook, roomWantedBy } from './missing-room.ts';

/** What a look for a worker's old plots has found. */
export interface OldPlotsForWorker extends DestinationLook {
  /** Those that its rule means on the file system of its destination, the oldest first. */
  plots: ChosenPlot[];
  /** That file system, as credits name it. */
  filesystem: string;
}

/** Which old plots go for a worker's plot, and which went for it already (contract, section 10). */
export function decideOldPlots(state: State, worker: WorkerState, look: OldPlotsForWorker): FoundPlots {
  const { replot_rule: rule } = worker;
  if (rule === null) return { kind: 'none' };
  const { filesystem } = look;
  const { need, missing } = roomWantedBy(state, worker, look);
  const credit = creditOf(state, worker.job, filesystem);
  // Some went for it before a pause.
  const gone = worker.replot_room?.sizes.length ?? 0;
  const wanted = wantedFor(rule, credit.length + gone, missing);
  const chosen = chooseOldPlots(look.plots, { ...wanted, atMost: Math.max(0, wanted.atMost - gone) });
  if (rule.dry_run) return { kind: 'dry_run', plots: chosen.map(({ file, size }) => ({ file, size })) };
  const taken = creditsTaken(rule, credit, need, chosen.length);
  if (chosen.length === 0 && taken === 0) return { kind: 'none' };
  return { kind: 'chosen', filesystem, plots: chosen, credit: credit.slice(0, taken) };
}
