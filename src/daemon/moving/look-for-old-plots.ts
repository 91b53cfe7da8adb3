import { basename } from 'node:path';
import { rulesFor } from '../../config/schema/disks.ts';
import { isInFuture, type ReplotRule } from '../../config/schema/replot.ts';
import type { FinishedPlot, OldPlotsAtPlace, SurveyedOldPlots } from '../../engine/moving/facts.ts';
import { namesInHand } from '../../engine/moving/names-in-hand.ts';
import { plotNameDate } from '../../host/plot-names.ts';
import { isOld, type PlotKnowledge } from '../../host/plot-times.ts';
import { oldestPlotsIn } from '../../host/plots.ts';
import type { Place } from '../effects/places.ts';
import { within } from '../effects/within.ts';
import {
  directoriesOfRule,
  knownNow,
  type ReplottingOfMoves,
  ruleNow,
  unreadable,
} from './replotting-of-moves.ts';

/** So many old plots are looked at closely beyond those that may go for one plot. */
const SPARE = 8;
/** A disk that takes longer gives no old plots. */
const FIND_MS = 30_000;

/** Files of a move that come next, and where they may go. */
interface Wanted {
  move: string;
  files: readonly FinishedPlot[];
  places: readonly Place[];
}

/** What goes for files in destinations, where there is no room for one; `undefined`: nothing may. */
export async function lookForOldPlots(
  parts: ReplottingOfMoves,
  { move, files, places }: Wanted,
): Promise<SurveyedOldPlots | undefined> {
  const { records, log, clock } = parts;
  const began = clock.now();
  const rule = ruleNow(parts, move);
  if (rule === null || files.length === 0 || isInFuture(rule.before, Date.now())) return undefined;
  const unread = await records.refresh();
  if (unread !== null) {
    log.warn(`move ${move}: no old plot is removed: ${unreadable(unread)}`);
    return undefined;
  }
  const known = knownNow(parts);
  const fresh = new Set(files.filter((plot) => !isOldItself(plot, rule, known)).map(({ file }) => file));
  const size = Math.max(...files.map((plot) => plot.size));
  const looks = places.map(async (place): Promise<[string, OldPlotsAtPlace][]> => {
    const { path, filesystem } = place;
    if (place.problem !== null || filesystem === null) return [];
    const plots = mayNeed(parts, place, size) ? await within(FIND_MS, find(parts, rule, path)) : [];
    if (plots === null) return [];
    const chosen = plots.map((plot) => ({ ...plot, filesystem: filesystem.point }));
    return [[path, { filesystem: filesystem.point, plots: chosen }]];
  });
  return { began, fresh, by_directory: new Map((await Promise.all(looks)).flat()) };
}

/** Whether old plots may be wanted there: it may take one more, and there is not surely room for it. */
function mayNeed(
  { state, settings }: ReplottingOfMoves,
  { path, filesystem, free_bytes }: Place,
  size: number,
): boolean {
  const { closed, max_moves, keep_free } = rulesFor(settings().disks, path);
  const there = [...state.transfers.values()].filter((each) => each.filesystem === filesystem?.key);
  if (closed || there.filter(({ step }) => step !== 'blocked').length >= max_moves) return false;
  let taken = size + keep_free;
  for (const transfer of there) taken += transfer.size;
  for (const { placement } of state.workers.values())
    for (const claim of placement) if (claim.filesystem === filesystem?.key) taken += claim.bytes;
  return (free_bytes ?? 0) < taken;
}

async function find(parts: ReplottingOfMoves, rule: ReplotRule, destination: string) {
  const { match, k, compression, before, max_per_plot } = rule;
  const found = await oldestPlotsIn(destination, await directoriesOfRule(parts, rule, destination), {
    ...{ match, k, compression, before: new Date(before), count: max_per_plot + SPARE },
    ...knownNow(parts),
    inHand: namesInHand(parts.state, null),
  });
  return found.plots.map(({ file, size, ino, mtime_ms }) => ({ file, size, ino, mtime_ms }));
}

/** Whether the rule would remove the plot itself that is to be moved: for such a one nothing goes. */
function isOldItself({ file, mtime_ns }: FinishedPlot, rule: ReplotRule, known: PlotKnowledge): boolean {
  const name = basename(file);
  const modified = Number(BigInt(mtime_ns) / 1_000_000n);
  const named = plotNameDate(name)?.getTime() ?? null;
  return isOld({ name, named, modified }, { ...rule, before: new Date(rule.before) }, known);
}
