import type { ReplotRule } from '../../config/schema/replot.ts';
import type { Settings } from '../../engine/memory.ts';
import type { State } from '../../engine/model/state.ts';
import { ruleOfMove } from '../../engine/moving/rule-of-move.ts';
import { directoryIdentity } from '../../host/directory-identity.ts';
import type { PlotHistory } from '../../storage/plot-records.ts';
import { meantBy } from '../../util/directory-patterns.ts';
import type { Logger } from '../../util/log.ts';
import type { SteadyClock } from '../clock.ts';
import { suffixesOf } from '../configuration/settings.ts';
import type { Places } from '../effects/places.ts';
import { knownOfPlots } from '../effects/plots-known.ts';
import { replotDirectories } from '../effects/replot-directories.ts';
import { LOOK_MS } from './directories-of.ts';

/** What is asked where old plots go for plots of moves. */
export interface ReplottingOfMoves {
  state: State;
  settings(): Pick<Settings, 'moves' | 'disks' | 'plotters'>;
  /** What this daemon knows of the plots that it has made. */
  records: PlotHistory;
  places: Pick<Places, 'find'>;
  clock: Pick<SteadyClock, 'now'>;
  /** The directories, as device and inode, out of which enabled moves take plots: what waits there is no old plot. */
  takenFrom(): ReadonlySet<string>;
  log: Logger;
}

/** The rule of a move as config.yaml has it now; `null`: it removes nothing. */
export function ruleNow({ settings }: Pick<ReplottingOfMoves, 'settings'>, move: string): ReplotRule | null {
  const entry = settings().moves.get(move);
  return entry === undefined ? null : ruleOfMove(entry);
}

/** What is known of plots beside their files, now. */
export function knownNow({ state, records, settings }: ReplottingOfMoves): ReturnType<typeof knownOfPlots> {
  return knownOfPlots(state, records, suffixesOf(settings()));
}

/** Where a rule looks: in none of the directories whose plots are on their way elsewhere, by whatever name. */
export async function directoriesOfRule(
  parts: Pick<ReplottingOfMoves, 'takenFrom' | 'state' | 'settings'>,
  rule: ReplotRule,
  destination: string,
): Promise<string[]> {
  const taken = parts.takenFrom();
  const all = (await replotDirectories(rule, destination)).filter((path) => !isTakenFrom(parts, path));
  const each = await Promise.all(
    all.map(async (path) => ({ path, identity: await directoryIdentity(path, { timeoutMs: LOOK_MS }) })),
  );
  return each.flatMap(({ path, identity }) => (identity === null || taken.has(identity.key) ? [] : [path]));
}

/** Whether an enabled move names a directory itself: which one that is may not be known where its disk is slow. */
function isTakenFrom(
  { state, settings }: Pick<ReplottingOfMoves, 'state' | 'settings'>,
  path: string,
): boolean {
  return [...settings().moves].some(
    ([id, { from }]) =>
      state.moves.get(id)?.enabled === true && from.some((pattern) => meantBy(pattern, path) === path),
  );
}

/** Why nothing goes while the history can't be read. */
export function unreadable(why: string): string {
  return `history.jsonl can't be read, so nobody knows which plots were made here: ${why}`;
}
