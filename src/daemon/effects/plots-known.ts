import { basename } from 'node:path';
import type { State } from '../../engine/model/state.ts';
import type { PlotKnowledge } from '../../host/plot-times.ts';
import { MOVED } from '../../storage/history.ts';
import { countsAsPlot, type PlotHistory } from '../../storage/plot-records.ts';

/** What this daemon knows of the plots that it has made, in its history and in its state; `suffixes`: how their files end. */
export function knownOfPlots(
  state: State,
  records: Pick<PlotHistory, 'timeOf' | 'has' | 'count' | 'damaged'>,
  suffixes: readonly string[],
): Required<PlotKnowledge> {
  const outstanding = recordsOf(state);
  const unwritten = [...state.history.values()].filter((line) => countsAsPlot(line) && !records.has(line));
  return {
    suffixes,
    recordOf: (name) => outstanding.get(name) ?? records.timeOf(name),
    cautious: records.damaged > 0 || records.count + unwritten.length < state.plots_done,
  };
}

/** Plots whose lines may not be in history.jsonl yet, by name. */
function recordsOf(state: State): Map<string, number> {
  const records = new Map<string, number>();
  for (const { plot, ended_at, not_before, result } of state.history.values())
    if (plot !== null && result !== MOVED)
      records.set(basename(plot), Math.max(Date.parse(ended_at), Date.parse(not_before ?? ended_at)));
  return records;
}
