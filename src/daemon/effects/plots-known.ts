import { basename } from 'node:path';
import type { State } from '../../engine/model/state.ts';
import type { WorkerState } from '../../engine/model/worker-state.ts';
import { willRemovePlot } from '../../engine/moving/replot-rule.ts';
import { plotFile } from '../../engine/working/stages.ts';
import type { PlotKnowledge } from '../../host/plot-times.ts';
import { countsAsPlot, type PlotHistory } from '../../storage/plot-records.ts';

/** What this daemon knows of the plots that it has made, in its history and in its state. */
export function knownOfPlots(
  state: State,
  records: Pick<PlotHistory, 'timeOf' | 'has' | 'count' | 'damaged'>,
): Required<PlotKnowledge> {
  const outstanding = recordsOf(state);
  const unwritten = [...state.history.values()].filter((line) => countsAsPlot(line) && !records.has(line));
  return {
    recordOf: (name) => outstanding.get(name) ?? records.timeOf(name),
    cautious: records.damaged > 0 || records.count + unwritten.length < state.plots_done,
  };
}

/** Plots whose lines may not be in history.jsonl yet, by name. */
function recordsOf(state: State): Map<string, number> {
  const records = new Map<string, number>();
  for (const { plot, ended_at, not_before } of state.history.values())
    if (plot !== null)
      records.set(basename(plot), Math.max(Date.parse(ended_at), Date.parse(not_before ?? ended_at)));
  return records;
}

/** Names of what workers have in hand: the plots that they make, and those that others have chosen to remove. */
export function namesInHand(state: State, self: WorkerState | null): Set<string> {
  const names = new Set<string>();
  for (const worker of state.workers.values()) {
    const chosen = worker !== self && willRemovePlot(worker) ? worker.replot.map(({ file }) => file) : [];
    for (const file of [plotFile(state, worker), worker.plot, worker.final_file, ...chosen])
      if (file !== null) names.add(basename(file));
  }
  return names;
}
