import { lstat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { rulesFor } from '../../config/schema/disks.ts';
import { isInFuture, type ReplotRule } from '../../config/schema/replot.ts';
import type { Effect } from '../../engine/effects.ts';
import type { Settings } from '../../engine/memory.ts';
import type { State } from '../../engine/model/state.ts';
import type { TransferState } from '../../engine/model/transfer-state.ts';
import type { FinishedPlot, MadeRoom, OldPlotsAtPlace, SurveyedOldPlots } from '../../engine/moving/facts.ts';
import { namesInHand } from '../../engine/moving/names-in-hand.ts';
import { ruleOfMove, whyNoneGoes } from '../../engine/moving/rule-of-move.ts';
import { directoryIdentity } from '../../host/directory-identity.ts';
import { isMeantBy, plotNameDate } from '../../host/plot-names.ts';
import { isOld } from '../../host/plot-times.ts';
import { oldestPlotsIn } from '../../host/plots.ts';
import { removePlot } from '../../host/remove-plot.ts';
import type { PlotHistory } from '../../storage/plot-records.ts';
import { sized } from '../../util/bytes.ts';
import { codeOf, messageOf } from '../../util/errors.ts';
import type { Logger } from '../../util/log.ts';
import type { SteadyClock } from '../clock.ts';
import type { Place, Places } from '../effects/places.ts';
import { suffixesOf } from '../configuration/settings.ts';
import { knownOfPlots } from '../effects/plots-known.ts';
import { replotDirectories } from '../effects/replot-directories.ts';
import { within } from '../effects/within.ts';
import { LOOK_MS } from './directories-of.ts';

export interface OldPlotsOfMovesOptions {
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

type MakeRoom = Extract<Effect, { type: 'make_room' }>;

/** So many old plots are looked at closely beyond those that may go for one plot. */
const SPARE = 8;
/** A disk that takes longer gives no old plots. */
const FIND_MS = 30_000;

/** Looks for the old plots that may go for plots of moves, and removes them (contract, section 10). Never rejects. */
export class OldPlotsOfMoves {
  readonly #options: OldPlotsOfMovesOptions;

  constructor(options: OldPlotsOfMovesOptions) {
    this.#options = options;
  }

  /** What goes for these files in these destinations, where there is no room for one; `undefined`: nothing may. */
  async look(
    move: string,
    files: readonly FinishedPlot[],
    places: readonly Place[],
  ): Promise<SurveyedOldPlots | undefined> {
    const { state, records, log, clock } = this.#options;
    const began = clock.now();
    const rule = this.#ruleOf(move);
    if (rule === null || files.length === 0 || isInFuture(rule.before, Date.now())) return undefined;
    const unread = await records.refresh();
    if (unread !== null) {
      log.warn(`move ${move}: no old plot is removed: ${unreadable(unread)}`);
      return undefined;
    }
    const known = knownOfPlots(state, records, this.#suffixes());
    const fresh = new Set(files.filter((plot) => !isOldItself(plot, rule, known)).map(({ file }) => file));
    const size = Math.max(...files.map((plot) => plot.size));
    const looks = places.map(async (place): Promise<[string, OldPlotsAtPlace][]> => {
      const { path, filesystem } = place;
      if (place.problem !== null || filesystem === null) return [];
      const plots = this.#mayNeed(place, size) ? await within(FIND_MS, this.#find(rule, path)) : [];
      if (plots === null) return [];
      const chosen = plots.map((plot) => ({ ...plot, filesystem: filesystem.point }));
      return [[path, { filesystem: filesystem.point, plots: chosen }]];
    });
    return { began, fresh, by_directory: new Map((await Promise.all(looks)).flat()) };
  }

  #suffixes(): readonly string[] {
    return suffixesOf(this.#options.settings());
  }

  #ruleOf(move: string): ReplotRule | null {
    const entry = this.#options.settings().moves.get(move);
    return entry === undefined ? null : ruleOfMove(entry);
  }

  /** Whether old plots may be wanted there: it may take one more, and there is not surely room for it. */
  #mayNeed({ path, filesystem, free_bytes }: Place, size: number): boolean {
    const { transfers, workers } = this.#options.state;
    const { closed, max_moves, keep_free } = rulesFor(this.#options.settings().disks, path);
    const there = [...transfers.values()].filter((each) => each.filesystem === filesystem?.key);
    if (closed || there.filter(({ step }) => step !== 'blocked').length >= max_moves) return false;
    let taken = size + keep_free;
    for (const transfer of there) taken += transfer.size;
    for (const { placement } of workers.values())
      for (const claim of placement) if (claim.filesystem === filesystem?.key) taken += claim.bytes;
    return (free_bytes ?? 0) < taken;
  }

  async #find(rule: ReplotRule, destination: string) {
    const { state, records } = this.#options;
    const { match, k, compression, before, max_per_plot } = rule;
    const found = await oldestPlotsIn(destination, await this.#directories(rule, destination), {
      ...{ match, k, compression, before: new Date(before), count: max_per_plot + SPARE },
      ...knownOfPlots(state, records, this.#suffixes()),
      inHand: namesInHand(state, null),
    });
    return found.plots.map(({ file, size, ino, mtime_ms }) => ({ file, size, ino, mtime_ms }));
  }

  /** Where a rule looks: in none of the directories whose plots are on their way elsewhere. */
  async #directories(rule: ReplotRule, destination: string): Promise<string[]> {
    const taken = this.#options.takenFrom();
    const all = await replotDirectories(rule, destination);
    const each = await Promise.all(
      all.map(async (path) => ({ path, identity: await directoryIdentity(path, { timeoutMs: LOOK_MS }) })),
    );
    return each.flatMap(({ path, identity }) => (identity === null || taken.has(identity.key) ? [] : [path]));
  }

  /** Removes an old plot that was chosen for a transfer, if all is as it was then; or only sees whether it is gone. */
  async makeRoom({ transfer: id, file, only_look }: MakeRoom): Promise<MadeRoom> {
    const failed = (error: string, side: 'source' | 'destination' = 'destination'): MadeRoom => {
      this.#options.log.warn(`move ${this.#moveOf(id)}: no old plot is removed: ${error}`);
      return { kind: 'failed', side, error };
    };
    try {
      // Not given up however long it takes: what is removed after that would be told of nobody.
      return await this.#makeRoom(id, file, { only_look, failed });
    } catch (error) {
      return only_look ? { kind: 'there' } : failed(messageOf(error));
    }
  }

  #moveOf(transfer: string): string {
    return this.#options.state.transfers.get(transfer)?.move ?? transfer;
  }

  async #makeRoom(
    id: string,
    file: string,
    {
      only_look,
      failed,
    }: { only_look: boolean; failed(error: string, side?: 'source' | 'destination'): MadeRoom },
  ): Promise<MadeRoom> {
    const { state, log } = this.#options;
    const transfer = state.transfers.get(id);
    const plot = transfer?.replot.find((each) => each.file === file);
    if (transfer?.step !== 'making_room' || !plot) return failed(`${file} stays: nobody has chosen it`);
    const place = await this.#placeOf(transfer);
    // A disk that isn't there has none of its files.
    const isThere = place?.problem === null && place.filesystem?.point === plot.filesystem;
    if (only_look) return { kind: isThere && (await isGone(file)) ? 'gone' : 'there' };
    if (!isThere || place.filesystem?.key !== transfer.filesystem)
      return failed(`${file} stays: ${transfer.to}, to which a plot was to be moved, is not as it was`);
    if ((await within(LOOK_MS, isUnchanged(transfer))) !== true)
      return failed(`${transfer.file} has changed since it was found`, 'source');
    const reason = await this.#whyNot(transfer, file);
    if (reason !== null) return failed(reason);
    if (this.#hasRoom(transfer, place)) return { kind: 'enough' };
    const removal = await removePlot(dirname(file), file, plot, {
      near: transfer.to,
      suffixes: this.#suffixes(),
    });
    if (removal.outcome !== 'removed' && removal.outcome !== 'missing')
      return failed(`${file} stays: ${removal.reason}`);
    const how = removal.outcome === 'removed' ? 'was removed' : 'is gone already';
    log.warn(
      `move ${transfer.move}: the old plot ${file} (${sized(plot.size)}) ${how}, a new one takes its place`,
    );
    return { kind: 'removed' };
  }

  async #placeOf({ to }: TransferState): Promise<Place | undefined> {
    const found = await this.#options.places.find([to], { withinMs: LOOK_MS });
    return found.get(to)?.[0];
  }

  /** What the rule says of a chosen plot is asked again: time has passed, config.yaml may be another. */
  async #whyNot(transfer: TransferState, file: string): Promise<string | null> {
    const { state, records } = this.#options;
    const name = basename(file);
    const rule = this.#ruleOf(transfer.move);
    if (rule === null || !isMeantBy(rule, name, this.#suffixes()))
      return `${file} stays: no rule of replotting means it`;
    const not = whyNoneGoes(rule, Date.now());
    if (not !== null) return `${file} stays: ${not}`;
    const unread = await records.refresh();
    if (unread !== null) return unreadable(unread);
    const known = knownOfPlots(state, records, this.#suffixes());
    const record = known.recordOf(name);
    if (record !== null && record > Date.parse(rule.before)) return `${file} stays: it was made here since`;
    if (!(await this.#directories(rule, transfer.to)).includes(dirname(file)))
      return `${file} stays: its directory is none of the rule's any more`;
    // What others have chosen meanwhile counts, so nothing is waited for from here on.
    return namesInHand(state, transfer).has(name) ? `${file} stays: somebody has it in hand` : null;
  }

  /** Whether there is room by now, where nobody else takes any. */
  #hasRoom({ id, to, filesystem, size }: TransferState, { free_bytes }: Place): boolean {
    const { state, settings } = this.#options;
    const others = [...state.transfers.values()].some(
      (each) => each.id !== id && each.filesystem === filesystem && each.step !== 'blocked',
    );
    const workers = [...state.workers.values()].some(({ placement }) =>
      placement.some((claim) => claim.filesystem === filesystem),
    );
    const { keep_free } = rulesFor(settings().disks, to);
    return !others && !workers && free_bytes !== null && free_bytes - keep_free >= size;
  }
}

/** Whether the rule would remove the plot itself that is to be moved: for such a one nothing goes. */
function isOldItself(
  { file, mtime_ns }: FinishedPlot,
  rule: ReplotRule,
  known: ReturnType<typeof knownOfPlots>,
): boolean {
  const name = basename(file);
  const modified = Number(BigInt(mtime_ns) / 1_000_000n);
  const named = plotNameDate(name)?.getTime() ?? null;
  return isOld({ name, named, modified }, { ...rule, before: new Date(rule.before) }, known);
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

function unreadable(why: string): string {
  return `history.jsonl can't be read, so nobody knows which plots were made here: ${why}`;
}
