import { lstat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { rulesFor } from '../../config/schema/disks.ts';
import type { Effect } from '../../engine/effects.ts';
import type { TransferState } from '../../engine/model/transfer-state.ts';
import type { ChosenPlot } from '../../engine/model/worker-state.ts';
import type { MadeRoom } from '../../engine/moving/facts.ts';
import { whyHeld } from '../../engine/moving/held-moves.ts';
import { namesInHand } from '../../engine/moving/names-in-hand.ts';
import { whyNoneGoes } from '../../engine/moving/rule-of-move.ts';
import { trafficOf } from '../../engine/moving/traffic.ts';
import { isDestination } from '../../engine/moving/transfers.ts';
import { isMeantBy, plotNameDate } from '../../host/plot-names.ts';
import { isOld } from '../../host/plot-times.ts';
import { removePlot } from '../../host/remove-plot.ts';
import type { FailedSide } from '../../mover/report.ts';
import { sized } from '../../util/bytes.ts';
import { codeOf, messageOf } from '../../util/errors.ts';
import { suffixesOf } from '../configuration/settings.ts';
import { measureRoom, writtenByTransfers } from '../effects/measure-room.ts';
import type { Place } from '../effects/places.ts';
import { within } from '../effects/within.ts';
import { LOOK_MS } from './directories-of.ts';
import { obstacleTo } from './obstacles.ts';
import {
  directoriesOfRule,
  knownNow,
  type ReplottingOfMoves,
  ruleNow,
  unreadable,
} from './replotting-of-moves.ts';

type MakeRoom = Extract<Effect, { type: 'make_room' }>;
type Failed = (error: string, side?: FailedSide) => MadeRoom;

/**
 * Removes an old plot that was chosen for a transfer, if all is as it was then; or (`only_look`) only sees whether it is
 * gone. Never rejects.
 */
export async function removeOldPlot(parts: ReplottingOfMoves, effect: MakeRoom): Promise<MadeRoom> {
  const { state, log } = parts;
  const { transfer: id, only_look } = effect;
  const failed: Failed = (error, side = 'destination') => {
    const move = state.transfers.get(id)?.move ?? id;
    log.warn(`move ${move}: no old plot is removed: ${error}`);
    return { kind: 'failed', side, error };
  };
  try {
    // Not given up however long it takes: what is removed after that would be told of nobody.
    return await makeRoom(parts, effect, failed);
  } catch (error) {
    return only_look ? { kind: 'there' } : failed(messageOf(error));
  }
}

async function makeRoom(
  parts: ReplottingOfMoves,
  { transfer: id, file, only_look }: MakeRoom,
  failed: Failed,
): Promise<MadeRoom> {
  const { state, log } = parts;
  const transfer = state.transfers.get(id);
  const plot = transfer?.replot.find((each) => each.file === file);
  if (transfer?.step !== 'making_room' || !plot) return failed(`${file} stays: nobody has chosen it`);
  const place = await placeOf(parts, transfer);
  // A disk that isn't there has none of its files.
  const isThere = place?.problem === null && place.filesystem?.point === plot.filesystem;
  if (only_look) return { kind: isThere && (await isGone(file)) ? 'gone' : 'there' };
  if (!isThere || place.filesystem?.key !== transfer.filesystem)
    return failed(`${file} stays: ${transfer.to}, to which a plot was to be moved, is not as it was`);
  const obstacle = await within(LOOK_MS, obstacleTo(transfer));
  if (obstacle === null) return failed(`the disks of ${transfer.file} and ${transfer.to} don't answer`);
  // Whether what has its name is the same plot, its mover sees: it needs no room.
  if (obstacle.kind === 'placed') return { kind: 'enough' };
  if (obstacle.kind === 'problem') return failed(obstacle.error, obstacle.side);
  if (await hasRoom(parts, transfer, place)) return { kind: 'enough' };
  const reason = (await whyNot(parts, transfer, plot)) ?? whyNotNow(parts, transfer, file);
  if (reason !== null) return failed(reason);
  // One that was paused meanwhile waits again, and nothing has failed.
  if (!mayGoOn(parts, transfer)) return { kind: 'there' };
  const removal = await removePlot(dirname(file), file, plot, {
    near: transfer.to,
    suffixes: suffixesOf(parts.settings()),
  });
  if (removal.outcome !== 'removed' && removal.outcome !== 'missing')
    return failed(`${file} stays: ${removal.reason}`);
  const how = removal.outcome === 'removed' ? 'was removed' : 'is gone already';
  log.warn(
    `move ${transfer.move}: the old plot ${file} (${sized(plot.size)}) ${how}, a new one takes its place`,
  );
  return { kind: 'removed' };
}

async function placeOf({ places }: ReplottingOfMoves, { to }: TransferState): Promise<Place | undefined> {
  const found = await places.find([to], { withinMs: LOOK_MS });
  return found.get(to)?.[0];
}

/** What the rule says of a chosen plot is asked again: time has passed, config.yaml may be another. */
async function whyNot(
  parts: ReplottingOfMoves,
  transfer: TransferState,
  { file, mtime_ms }: ChosenPlot,
): Promise<string | null> {
  const { records, settings } = parts;
  const name = basename(file);
  const rule = ruleNow(parts, transfer.move);
  if (rule === null || !isMeantBy(rule, name, suffixesOf(settings())))
    return `${file} stays: no rule of replotting means it`;
  const not = whyNoneGoes(rule, Date.now());
  if (not !== null) return `${file} stays: ${not}`;
  const unread = await records.refresh();
  if (unread !== null) return unreadable(unread);
  // Where nobody has noted its time it is as young as can be.
  const modified = mtime_ms ?? Number.POSITIVE_INFINITY;
  const plot = { name, named: plotNameDate(name)?.getTime() ?? null, modified };
  if (!isOld(plot, { ...rule, before: new Date(rule.before) }, knownNow(parts)))
    return `${file} stays: it is not older than ${rule.before}, or was made here since`;
  if (!(await directoriesOfRule(parts, rule, transfer.to)).includes(dirname(file)))
    return `${file} stays: its directory is none of the rule's any more`;
  return null;
}

/** The same of what others have chosen, and config.yaml says, meanwhile: nothing is waited for from here on. */
function whyNotNow(
  { state, settings }: ReplottingOfMoves,
  transfer: TransferState,
  file: string,
): string | null {
  const { moves, disks } = settings();
  if (namesInHand(state, transfer).has(basename(file))) return `${file} stays: somebody has it in hand`;
  if (!isDestination({ settings: { moves } }, transfer))
    return `${file} stays: ${transfer.to} is no destination any more`;
  return rulesFor(disks, transfer.to).closed ? `${file} stays: ${transfer.to} is closed (disks)` : null;
}

/** Whether its move goes on: one that is paused, held, disabled, stopped or taken away removes nothing. */
function mayGoOn({ state, settings }: ReplottingOfMoves, transfer: TransferState): boolean {
  const move = state.moves.get(transfer.move);
  if (!move?.enabled || move.leaving || !settings().moves.has(move.id)) return false;
  return whyHeld(state, move) === null;
}

/** Whether there is room by now, beside what others will still take. */
async function hasRoom(
  { state, settings }: ReplottingOfMoves,
  { id, to, filesystem, size }: TransferState,
  { free_bytes }: Place,
): Promise<boolean> {
  if (free_bytes === null) return false;
  const workers = [...state.workers.values()].filter(({ placement }) =>
    placement.some((claim) => claim.filesystem === filesystem),
  );
  const used = await measureRoom(workers, state);
  const written = await writtenByTransfers(state, new Set([filesystem]));
  const toCome = (other: TransferState) =>
    other.id === id ? 0 : Math.max(0, other.renames ? 0 : other.size - (written.get(other.id) ?? 0));
  const { reserved = 0 } = trafficOf(state, used, toCome).get(filesystem) ?? {};
  return free_bytes - reserved - rulesFor(settings().disks, to).keep_free >= size;
}

async function isGone(file: string): Promise<boolean> {
  try {
    await lstat(file);
    return false;
  } catch (error) {
    return codeOf(error) === 'ENOENT';
  }
}
