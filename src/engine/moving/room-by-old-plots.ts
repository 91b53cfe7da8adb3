import { basename } from 'node:path';
import { rulesFor, type DiskEntry } from '../../config/schema/disks.ts';
import type { ReplotRule } from '../../config/schema/replot.ts';
import { sized } from '../../util/bytes.ts';
import type { MoveState } from '../model/move-state.ts';
import type { ChosenPlot } from '../model/worker-state.ts';
import type { World } from '../starting/gates/gate.ts';
import { stillTakesRoom } from '../starting/places/remaining-room.ts';
import { chooseOldPlots, wantedFor } from './choose-old-plots.ts';
import type { FinishedPlot, PlaceFacts, SurveyedOldPlots } from './facts.ts';
import { destinationFileSystem } from './missing-room.ts';
import { namesInHand } from './names-in-hand.ts';
import { willRemovePlot } from './replot-rule.ts';
import type { Traffic } from './traffic.ts';

/**
 * So long after a removal for a plot that never came a file system may not show the room of what went there: btrfs does
 * with its next commit (btrfs(5): 30 s).
 */
const SHOWN_AFTER_MS = 30_000;

/**
 * Of so many new plots the room may have gone before, and not be there: a file system whose snapshots keep what is removed
 * would else lose one old plot after the other, and somebody who fills the disk would have them all go.
 */
const MOST_UNSEEN_PLOTS = 2;

/** All that decides which old plots would make the room for a plot in a destination. */
export interface OldPlotsCase {
  move: MoveState;
  rule: ReplotRule;
  plot: FinishedPlot;
  place: PlaceFacts;
  /** What goes on there. */
  traffic: Traffic | undefined;
  disks: readonly DiskEntry[];
  look: SurveyedOldPlots;
  /** As `namesOnTheirWay`. */
  inHand: ReadonlySet<string>;
}

/** Names that no old plot has: what somebody has in hand, and what waits to be moved. */
export function namesOnTheirWay({ state, memory }: World): ReadonlySet<string> {
  const names = namesInHand(state, null);
  for (const queue of memory.queues.values()) for (const { file } of queue) names.add(basename(file));
  return names;
}

/** Which go, the oldest first, and enough of them; or why none does, as the end of a sentence. */
export type OldPlotsVerdict = { plots: readonly ChosenPlot[] } | { none: string };

/**
 * The old plots that make room for a plot (contract, section 10). When in doubt none goes: on one file system they go for
 * one plot at a time, and by a look at its room that is no older than the last removal there.
 */
export function oldPlotsFor(world: World, oldPlotsCase: OldPlotsCase): OldPlotsVerdict {
  const { rule, plot, place, traffic, disks, look, inHand } = oldPlotsCase;
  const doubt = whyInDoubt(world, oldPlotsCase);
  if (doubt !== null) return { none: doubt };
  const reserved = traffic?.reserved ?? 0;
  const { keep_free } = rulesFor(disks, place.directory);
  const missing = Math.max(0, plot.size + reserved + keep_free - place.free_bytes);
  const there = look.by_directory.get(place.directory)?.plots ?? [];
  const plots = chooseOldPlots(
    there.filter(({ file }) => !inHand.has(basename(file))),
    wantedFor(rule, 0, missing),
  );
  return plots.length > 0 ? { plots } : { none: 'the old plots that may go would not make it' };
}

function whyInDoubt(
  { state, memory, steady }: World,
  { move, plot, place, traffic, look }: OldPlotsCase,
): string | null {
  const there = look.by_directory.get(place.directory);
  if (there === undefined) return 'old plots could not be looked for there';
  if (!look.fresh.has(plot.file)) return 'no old plot goes for one that is old itself';
  for (const { filesystem, replot, replot_room } of state.transfers.values())
    if (filesystem === place.device && (replot.length > 0 || replot_room !== null))
      return 'old plots go for one plot at a time on a disk';
  for (const worker of state.workers.values())
    if (stillTakesRoom(worker) && willRemovePlot(worker) && destinationFileSystem(worker) === place.device)
      return 'a worker makes room there';
  const last = Math.max(
    memory.clearedAt.get(place.device) ?? Number.NEGATIVE_INFINITY,
    memory.clearedAt.get(there.filesystem) ?? Number.NEGATIVE_INFINITY,
  );
  const credit = (move.replot_credit[there.filesystem] ?? []).reduce((sum, bytes) => sum + bytes, 0);
  if (last >= look.began || (credit > 0 && steady - last < SHOWN_AFTER_MS))
    return 'an old plot went there just now, and its room is waited for';
  if (credit >= MOST_UNSEEN_PLOTS * plot.size && !memory.lookedAfter.has(move.id))
    return `old plots of ${sized(credit)} went there, whose room is not free: do snapshots keep it, or does somebody else fill it? Enabling the move again has others go`;
  // What others have reserved isn't there: nobody knows for whom old plots would go.
  if (place.free_bytes < (traffic?.reserved ?? 0)) return 'what is on its way there takes more than is free';
  return null;
}
