import { basename, dirname } from 'node:path';
import { isInFuture, type ReplotRule } from '../../config/schema/replot.ts';
import type { Effect, ReplotQuery } from '../../engine/effects.ts';
import type { FoundPlots, OldPlotsLook, PlotOutcome } from '../../engine/inputs.ts';
import { destinationOf } from '../../engine/model/placement.ts';
import type { State } from '../../engine/model/state.ts';
import type { ChosenPlot, WorkerState } from '../../engine/model/worker-state.ts';
import { decideOldPlots } from '../../engine/moving/decide.ts';
import { destinationFileSystem } from '../../engine/moving/missing-room.ts';
import { namesInHand } from '../../engine/moving/names-in-hand.ts';
import { ownerOf } from '../../engine/moving/replot-rule.ts';
import { confinedDirectories } from '../../engine/working/confined.ts';
import { spaceAt } from '../../host/directories.ts';
import { isMeantBy, plotNameDate } from '../../host/plot-names.ts';
import { isOld } from '../../host/plot-times.ts';
import { deviceOf, type OldPlot, oldestPlotsIn } from '../../host/plots.ts';
import { removePlot } from '../../host/remove-plot.ts';
import type { PlotHistory } from '../../storage/plot-records.ts';
import { sized } from '../../util/bytes.ts';
import { messageOf } from '../../util/errors.ts';
import type { Logger } from '../../util/log.ts';
import { type Allowance, allowedNow, outsideMessage } from '../commands/allowed-directories.ts';
import { LOOK_MS, measureRoom, writtenByTransfers } from './measure-room.ts';
import { within } from './within.ts';
import { knownOfPlots } from './plots-known.ts';
import { isReplotDirectory, replotDirectories } from './replot-directories.ts';

type Find = Extract<Effect, { type: 'replot_find' }>;
type Remove = Extract<Effect, { type: 'replot_remove' }>;

export interface OldPlotsRemovalOptions {
  state: State;
  /** What this daemon knows of the plots that it has made. */
  records: PlotHistory;
  allowance(): Allowance;
  /** How files of plots end, by the definitions of all plotters. */
  suffixes(): readonly string[];
  /** Bytes that are to stay free on the file system of a directory. */
  keptFree(directory: string): number;
  log: Logger;
}

/** Whether a directory may be touched, by where it is, links resolved, and by its name. */
type AllowsIn = (real: string, directory: string) => boolean;

/** So many old plots are looked at closely beyond those that may go for one plot: others may have chosen the first. */
const SPARE = 8;
/** A disk that takes longer gives no old plots: others wait for their turn to choose. */
const FIND_MS = 60_000;

/** Looks for old plots and removes them (contract, sections 3 and 10). Nothing here ever rejects. */
export class OldPlotsRemoval {
  readonly #options: OldPlotsRemovalOptions;

  constructor(options: OldPlotsRemovalOptions) {
    this.#options = options;
  }

  /** The plots that go for a worker, or why none does. One at a time: what is found counts as chosen. */
  async find({ worker: id }: Find): Promise<FoundPlots> {
    const worker = this.#options.state.workers.get(id);
    const rule = worker?.replot_rule ?? null;
    const destination = worker ? destinationOf(worker) : null;
    if (!worker || rule === null || destination === null) return { kind: 'none' };
    const found = await within(FIND_MS, this.#find(worker, rule, destination));
    if (found !== null) return found;
    this.#options.log.warn(
      `job '${worker.job}': old plots can't be looked for: ${destination} doesn't answer`,
    );
    return { kind: 'none' };
  }

  async #find(worker: WorkerState, rule: ReplotRule, destination: string): Promise<FoundPlots> {
    const { state, log, records } = this.#options;
    try {
      const unread = await records.refresh();
      if (unread !== null) return this.#refuse(worker, unreadable(unread));
      const outside: string[] = [];
      const directories = await replotDirectories(rule, destination);
      const allows = await this.#allows(worker, [...directories, destination]);
      const others = this.#othersOn(worker);
      const found = await oldestPlotsIn(
        destination,
        directories,
        { ...this.#search(rule, worker), count: rule.max_per_plot + SPARE },
        (real, directory) => {
          const allowed = allows(real, directory);
          if (!allowed) outside.push(directory);
          return allowed;
        },
      );
      const [first] = outside;
      if (first !== undefined) return this.#refuse(worker, outsideMessage(first));
      const { free_bytes: free } = await spaceAt(destination, { timeoutMs: LOOK_MS });
      const free_bytes = free === null ? null : free - this.#keptFreeFor(worker);
      const used = await measureRoom(others, state);
      const written = await writtenByTransfers(state, new Set([destinationFileSystem(worker)]));
      // Nothing is waited for from here on: what others choose meanwhile would be missed.
      const inHand = namesInHand(state, worker);
      const plots = found.plots.filter(({ file }) => !inHand.has(basename(file)));
      const chosen = plots.map((plot) => chosenOf(plot, found.filesystem));
      const { filesystem } = found;
      return decideOldPlots(state, worker, { plots: chosen, filesystem, free_bytes, used, written });
    } catch (error) {
      log.warn(`job '${worker.job}': old plots can't be looked for: ${messageOf(error)}`);
      return { kind: 'none' };
    }
  }

  /** Bytes that are to stay free where a worker's destination is: the most of what holds for its directories there. */
  #keptFreeFor(worker: WorkerState): number {
    const filesystem = destinationFileSystem(worker);
    const there = worker.placement.filter(
      (each) => each.role === 'destination' || each.filesystem === filesystem,
    );
    return Math.max(0, ...there.map(({ path }) => this.#options.keptFree(path)));
  }

  /** Workers that take room on the file system of a worker's destination, itself among them. */
  #othersOn(self: WorkerState): WorkerState[] {
    const filesystem = destinationFileSystem(self);
    const isThere = ({ placement }: WorkerState) => placement.some((each) => each.filesystem === filesystem);
    return filesystem === null ? [] : [...this.#options.state.workers.values()].filter(isThere);
  }

  /**
   * The oldest plots that a rule would remove now, by destination: those on its file system. A destination at which
   * nobody can look is left out.
   */
  async list(
    destinations: readonly string[],
    { rule, count }: Pick<ReplotQuery, 'rule' | 'count'>,
  ): Promise<Map<string, OldPlotsLook>> {
    const unread = await this.#options.records.refresh();
    if (unread !== null) throw new Error(unreadable(unread));
    const search = { ...this.#search(rule, null), count, evenWritten: true };
    const found = new Map<string, OldPlotsLook>();
    const byDevice = new Map<string, Promise<OldPlotsLook | null>>();
    const look = async (destination: string) =>
      oldestPlotsIn(destination, await replotDirectories(rule, destination), search).catch(() => null);
    const each = destinations.map(async (destination) => {
      // Of several on one file system one look is enough, where they have the same directories.
      const device = rule.dirs === undefined ? destination : await deviceOf(destination);
      if (device === null) return;
      const looked = byDevice.get(device) ?? look(destination);
      byDevice.set(device, looked);
      const plots = await looked;
      if (plots !== null) found.set(destination, plots);
    });
    await Promise.all(each);
    return found;
  }

  async remove({ worker: id, file }: Remove): Promise<PlotOutcome> {
    const worker = this.#options.state.workers.get(id);
    const plot = worker?.replot.find((each) => each.file === file);
    if (!worker || !plot) return { kind: 'kept', reason: `${file} stays: nobody has chosen it` };
    const reason = await this.#whyNot(worker, plot);
    if (reason !== null) return this.#keep(worker, reason);
    const directory = dirname(file);
    const allows = await this.#allows(worker, [directory]);
    const refuses = (real: string) => (allows(real, directory) ? null : outsideMessage(directory));
    const near = destinationOf(worker) ?? directory;
    const removal = await removePlot(directory, file, plot, {
      refuses,
      near,
      suffixes: this.#options.suffixes(),
    });
    if (removal.outcome === 'removed' || removal.outcome === 'missing') {
      const how = removal.outcome === 'removed' ? 'was removed' : 'is gone already';
      this.#options.log.warn(
        `job '${worker.job}': the old plot ${file} (${sized(plot.size)}) ${how}, a new one takes its place`,
      );
      return { kind: 'removed' };
    }
    if (removal.reason === outsideMessage(directory)) return this.#keep(worker, removal.reason);
    return { kind: 'failed', reason: removal.reason };
  }

  /** What the rule says of a chosen plot is asked again: time has passed, maybe a restart. */
  async #whyNot(worker: WorkerState, { file, mtime_ms }: ChosenPlot): Promise<string | null> {
    const { state, records } = this.#options;
    const { replot_rule: rule } = worker;
    const name = basename(file);
    if (rule === null || rule.dry_run || !isMeantBy(rule, name, this.#options.suffixes()))
      return `${file} stays: no rule of replotting means it`;
    if (isInFuture(rule.before, Date.now()))
      return "no old plot is removed: by this machine's clock, replot.before is in the future";
    if (namesInHand(state, worker).has(name))
      return `${file} stays: another worker, or a move, has it in hand`;
    const unread = await records.refresh();
    if (unread !== null) return unreadable(unread);
    // Of one that version 1 has chosen nobody has noted its time: it is as young as can be.
    const plot = {
      name,
      named: plotNameDate(name)?.getTime() ?? null,
      modified: mtime_ms ?? Number.POSITIVE_INFINITY,
    };
    const known = knownOfPlots(state, records, this.#options.suffixes());
    if (!isOld(plot, { ...rule, before: new Date(rule.before) }, known))
      return `${file} stays: it is not older than ${rule.before}, or was made here since`;
    const isThere = await isReplotDirectory(rule, dirname(file), destinationOf(worker) ?? '');
    return isThere ? null : `${file} stays: its directory is none of the rule's any more`;
  }

  #refuse(worker: WorkerState, reason: string): FoundPlots {
    return { ...this.#keep(worker, reason), kind: 'refused' };
  }

  #keep(worker: WorkerState, reason: string): Extract<PlotOutcome, { kind: 'kept' }> {
    this.#options.log.warn(`job '${worker.job}': no old plot is removed: ${reason}`);
    return { kind: 'kept', reason };
  }

  /**
   * Directories that arrived over MQTT must lie where config.yaml allows; a rule that did, brought all of its own. Where
   * the destination did, all in which the rule looks must.
   */
  async #allows(worker: WorkerState, directories: readonly string[]): Promise<AllowsIn> {
    const { state, allowance } = this.#options;
    const own = new Set(confinedDirectories(state, worker));
    const destination = destinationOf(worker) ?? '';
    const arrived = ownerOf(state, worker) === 'mqtt' || own.has(destination);
    const ofRule = worker.replot_rule?.dirs !== undefined && arrived;
    if (own.size === 0 && !ofRule) return () => true;
    const allows = await allowedNow(allowance(), directories);
    return (real, directory) => {
      const confined = own.has(directory) || (ofRule && directory !== destination);
      return !confined || allows(real);
    };
  }

  #search(rule: ReplotRule, worker: WorkerState | null) {
    const { state, records } = this.#options;
    const { match, k, compression } = rule;
    return {
      ...{ match, k, compression, before: new Date(rule.before) },
      ...knownOfPlots(state, records, this.#options.suffixes()),
      inHand: namesInHand(state, worker),
    };
  }
}

function chosenOf({ file, size, ino, mtime_ms }: OldPlot, filesystem: string): ChosenPlot {
  return { file, size, ino, mtime_ms, filesystem };
}

function unreadable(why: string): string {
  return `history.jsonl can't be read, so nobody knows which plots were made here: ${why}`;
}
