import { lstat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { rulesFor } from '../../config/schema/disks.ts';
import type { Effect } from '../../engine/effects.ts';
import type { TransferState } from '../../engine/model/transfer-state.ts';
import type { MadeRoom } from '../../engine/moving/facts.ts';
import { namesInHand } from '../../engine/moving/names-in-hand.ts';
import { whyNoneGoes } from '../../engine/moving/rule-of-move.ts';
import { isMeantBy } from '../../host/plot-names.ts';
import { removePlot } from '../../host/remove-plot.ts';
import { sized } from '../../util/bytes.ts';
import { codeOf, messageOf } from '../../util/errors.ts';
import type { Place } from '../effects/places.ts';
import { knownOfPlots } from '../effects/plots-known.ts';
import { within } from '../effects/within.ts';
import { LOOK_MS } from './directories-of.ts';
import { directoriesOfRule, type ReplottingOfMoves, ruleNow, unreadable } from './replotting-of-moves.ts';

type MakeRoom = Extract<Effect, { type: 'make_room' }>;
type Failed = (error: string, side?: 'source' | 'destination') => MadeRoom;

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
  if ((await within(LOOK_MS, isUnchanged(transfer))) !== true)
    return failed(`${transfer.file} has changed since it was found`, 'source');
  const reason = await whyNot(parts, transfer, file);
  if (reason !== null) return failed(reason);
  if (hasRoom(parts, transfer, place)) return { kind: 'enough' };
  const removal = await removePlot(dirname(file), file, plot, { near: transfer.to });
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
  file: string,
): Promise<string | null> {
  const { state, records } = parts;
  const name = basename(file);
  const rule = ruleNow(parts, transfer.move);
  if (rule === null || !isMeantBy(rule, name)) return `${file} stays: no rule of replotting means it`;
  const not = whyNoneGoes(rule, Date.now());
  if (not !== null) return `${file} stays: ${not}`;
  const unread = await records.refresh();
  if (unread !== null) return unreadable(unread);
  const known = knownOfPlots(state, records);
  const record = known.recordOf(name);
  if (record !== null && record > Date.parse(rule.before)) return `${file} stays: it was made here since`;
  if (!(await directoriesOfRule(parts, rule, transfer.to)).includes(dirname(file)))
    return `${file} stays: its directory is none of the rule's any more`;
  // What others have chosen meanwhile counts, so nothing is waited for from here on.
  return namesInHand(state, transfer).has(name) ? `${file} stays: somebody has it in hand` : null;
}

/** Whether there is room by now, where nobody else takes any. */
function hasRoom(
  { state, settings }: ReplottingOfMoves,
  { id, to, filesystem, size }: TransferState,
  { free_bytes }: Place,
): boolean {
  const others = [...state.transfers.values()].some(
    (each) => each.id !== id && each.filesystem === filesystem && each.step !== 'blocked',
  );
  const workers = [...state.workers.values()].some(({ placement }) =>
    placement.some((claim) => claim.filesystem === filesystem),
  );
  const { keep_free } = rulesFor(settings().disks, to);
  return !others && !workers && free_bytes !== null && free_bytes - keep_free >= size;
}

/** Whether the plot that is to be moved is still the file that was found. */
async function isUnchanged({ file, size, ino, mtime_ns }: TransferState): Promise<boolean> {
  const found = await lstat(file, { bigint: true }).catch(() => null);
  if (found === null || !found.isFile()) return false;
  return String(found.ino) === ino && String(found.mtimeNs) === mtime_ns && Number(found.size) === size;
}

async function isGone(file: string): Promise<boolean> {
  try {
    await lstat(file);
    return false;
  } catch (error) {
    return codeOf(error) === 'ENOENT';
  }
}
