import { basename } from 'node:path';
import { isInFuture } from '../../config/schema/job.ts';
import type { Effect, ReplotQuery } from '../../engine/effects.ts';
import type { FoundPlot, PlotOutcome } from '../../engine/inputs.ts';
import type { State } from '../../engine/model/state.ts';
import type { WorkerState } from '../../engine/model/worker-state.ts';
import { takesCredit } from '../../engine/moving/credit.ts';
import { willRemovePlot } from '../../engine/starting/room.ts';
import { confinedDirectories } from '../../engine/working/confined.ts';
import { plotFile } from '../../engine/working/stages.ts';
import { type OldPlotSearch, type OldPlots, oldestPlots } from '../../host/plots.ts';
import { removePlot } from '../../host/remove-plot.ts';
import { countsAsPlot, type PlotHistory } from '../../storage/plot-records.ts';
import { sized } from '../../util/bytes.ts';
import { messageOf } from '../../util/errors.ts';
import type { Logger } from '../../util/log.ts';
import { type Allowance, type Allows, allowedNow, outsideMessage } from '../commands/allowed-directories.ts';

type Find = Extract<Effect, { type: 'replot_find' }>;
type Remove = Extract<Effect, { type: 'replot_remove' }>;

export interface OldPlotsRemovalOptions {
  state: State;
  /** What this daemon knows of the plots that it has made. */
  records: PlotHistory;
  allowance(): Allowance;
  log: Logger;
}

const ANYWHERE: Allows = () => true;

/** Looks for old plots and removes them (contract, sections 3 and 10). Nothing here ever rejects. */
export class OldPlotsRemoval {
  readonly #options: OldPlotsRemovalOptions;

  constructor(options: OldPlotsRemovalOptions) {
    this.#options = options;
  }

  /** The plot that goes for a worker, or why none does. One at a time: what is found counts as chosen. */
  async find({ worker: id, directory, before }: Find): Promise<FoundPlot> {
    const { state, log } = this.#options;
    const worker = state.workers.get(id);
    if (!worker) return { kind: 'none' };
    try {
      const allows = await this.#allows(worker, directory);
      const unread = await this.#options.records.refresh();
      if (unread !== null) return this.#refuse(worker, unreadable(unread));
      const found = await oldestPlots(directory, { ...this.#search(before, worker), count: 1 });
      if (!allows(found.real)) return this.#refuse(worker, outsideMessage(directory));
      if (takesCredit(state, worker, found.filesystem))
        return { kind: 'credit', filesystem: found.filesystem };
      const [plot] = found.plots;
      if (plot === undefined) return { kind: 'none' };
      const { file, size, ino, mtime_ms } = plot;
      return { kind: 'plot', plot: { file, size, ino, mtime_ms, filesystem: found.filesystem } };
    } catch (error) {
      log.warn(`job '${worker.job}': old plots can't be looked for: ${messageOf(error)}`);
      return { kind: 'none' };
    }
  }

  /** The oldest plots that a job's rule would remove in a destination now. */
  async list(
    directory: string,
    { before, count }: ReplotQuery,
  ): Promise<Pick<OldPlots, 'plots' | 'filesystem'>> {
    const unread = await this.#options.records.refresh();
    if (unread !== null) throw new Error(unreadable(unread));
    const found = await oldestPlots(directory, { ...this.#search(before), count, evenWritten: true });
    return found;
  }

  async remove({ worker: id, directory, file }: Remove): Promise<PlotOutcome> {
    const { state } = this.#options;
    const worker = state.workers.get(id);
    const { replot, replot_before } = worker ?? { replot: null, replot_before: null };
    if (!worker || !replot || isInFuture(replot_before ?? '', Date.now()))
      return {
        kind: 'kept',
        reason: "no old plot is removed: by this machine's clock, replot.before is in the future",
      };
    if (this.#inHand(worker).has(basename(file)))
      return { kind: 'kept', reason: `${file} stays: another worker has it in hand` };
    const allows = await this.#allows(worker, directory);
    const refuses = (real: string) => (allows(real) ? null : outsideMessage(directory));
    const removal = await removePlot(directory, file, replot, { refuses });
    if (removal.outcome === 'removed' || removal.outcome === 'missing') {
      const how = removal.outcome === 'removed' ? 'was removed' : 'is gone already';
      this.#options.log.warn(
        `job '${worker.job}': the old plot ${file} (${sized(replot.size)}) ${how}, a new one takes its place`,
      );
      return { kind: 'removed' };
    }
    const { reason } = removal;
    return reason === outsideMessage(directory) ? this.#keep(worker, reason) : { kind: 'failed', reason };
  }

  #refuse(worker: WorkerState, reason: string): FoundPlot {
    return { ...this.#keep(worker, reason), kind: 'refused' };
  }

  #keep(worker: WorkerState, reason: string): Extract<PlotOutcome, { kind: 'kept' }> {
    this.#options.log.warn(`job '${worker.job}': no old plot is removed: ${reason}`);
    return { kind: 'kept', reason };
  }

  async #allows(worker: WorkerState, directory: string): Promise<Allows> {
    const confined = confinedDirectories(this.#options.state, worker).includes(directory);
    return confined ? allowedNow(this.#options.allowance(), [directory]) : ANYWHERE;
  }

  #search(before: string, worker: WorkerState | null = null): Omit<OldPlotSearch, 'count'> {
    const { state, records } = this.#options;
    const outstanding = recordsOf(state);
    const unwritten = [...state.history.values()].filter((line) => countsAsPlot(line) && !records.has(line));
    return {
      before: new Date(before),
      inHand: this.#inHand(worker),
      recordOf: (name) => outstanding.get(name) ?? records.timeOf(name),
      cautious: records.damaged > 0 || records.count + unwritten.length < state.plots_done,
    };
  }

  /** Names of what workers have in hand: the plots that they make, and those that others have chosen to remove. */
  #inHand(self: WorkerState | null): Set<string> {
    const { state } = this.#options;
    const names = new Set<string>();
    for (const worker of state.workers.values()) {
      const chosen = worker !== self && worker.replot && willRemovePlot(worker) ? worker.replot.file : null;
      for (const file of [plotFile(state, worker), worker.plot, worker.final_file, chosen])
        if (file !== null) names.add(basename(file));
    }
    return names;
  }
}

function unreadable(why: string): string {
  return `history.jsonl can't be read, so nobody knows which plots were made here: ${why}`;
}

/** Plots whose lines may not be in history.jsonl yet, by name. */
function recordsOf(state: State): Map<string, number> {
  const records = new Map<string, number>();
  for (const { plot, ended_at, not_before } of state.history.values())
    if (plot !== null)
      records.set(basename(plot), Math.max(Date.parse(ended_at), Date.parse(not_before ?? ended_at)));
  return records;
}
