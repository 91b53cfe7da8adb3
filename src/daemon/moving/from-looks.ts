import { type FSWatcher, watch } from 'node:fs';
import { basename } from 'node:path';
import type { Input } from '../../engine/inputs.ts';
import type { Settings } from '../../engine/memory.ts';
import type { State } from '../../engine/model/state.ts';
import type { FinishedPlot } from '../../engine/moving/facts.ts';
import { isHanging } from '../../host/looks.ts';
import { mountOf, mountPoints } from '../../host/mounts.ts';
import { createTurns } from '../../host/turns.ts';
import { saysAbsent } from '../../util/errors.ts';
import type { SteadyClock } from '../clock.ts';
import { suffixesOf } from '../configuration/settings.ts';
import { directoriesOf, LOOK_MS } from './directories-of.ts';
import { FinishedPlots, type PlotTelling } from './finished-plots.ts';

/** Directories are looked through so often, whatever the kernel tells of them; and so long after it told something. */
const EACH_MS = 30_000;
const SOON_MS = 500;
/** So many disks are read at once: each keeps one of the few threads that Node has for files. */
const AT_ONCE = 2;

export interface FromLooksOptions {
  state: State;
  settings(): Pick<Settings, 'moves' | 'plotters'>;
  clock: Pick<SteadyClock, 'now'>;
  /** How long a plot of another program must not have changed, milliseconds. */
  quietMs: number;
  take(input: Input): void;
}

/** Looks through the directories out of which moves take plots: when they change, and from time to time. */
export class FromLooks {
  readonly #options: FromLooksOptions;
  // What hangs keeps none from others: no more hang than there are disks that do.
  readonly #turns = createTurns(AT_ONCE, { placeMs: LOOK_MS, skips: isHanging });
  readonly #directories = new Map<string, FinishedPlots>();
  readonly #watchers = new Map<string, { watcher: FSWatcher; identity: string }>();
  /** By move, the directories that it takes from, and what was told of them. */
  readonly #of = new Map<string, readonly string[]>();
  /** The same of looks that haven't ended: what they look at is in use. */
  readonly #coming = new Map<string, readonly string[]>();
  readonly #told = new Map<string, readonly (readonly FinishedPlot[])[]>();
  /** Moves that are being looked through, and those of which somebody wants to hear again. */
  readonly #looking = new Map<string, Promise<void>>();
  readonly #wanted = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #soon: NodeJS.Timeout | undefined;

  constructor(options: FromLooksOptions) {
    this.#options = options;
  }

  /** Looks through a move's directories, and tells what is there. */
  look(move: string): void {
    this.#wanted.add(move);
    this.#timer ??= setInterval(() => this.#lookAtAll(), EACH_MS);
    if (!this.#looking.has(move)) this.#begin(move);
  }

  /** Resolves when all moves have been looked through once. */
  async allLooked(): Promise<void> {
    const missing = [...this.#looking].filter(([move]) => !this.#of.has(move));
    await Promise.all(missing.map(([, looking]) => looking));
  }

  /** Which directories enabled moves take plots out of, as far as they were looked at. */
  takenFrom(): Set<string> {
    const { state } = this.#options;
    const taken = new Set<string>();
    for (const [move, paths] of this.#of) {
      if (state.moves.get(move)?.enabled !== true) continue;
      for (const path of paths) taken.add(this.#directories.get(path)?.identity ?? '');
    }
    return taken;
  }

  /** A plot was not as it was found. */
  doubt(file: string): void {
    for (const directory of this.#directories.values())
      if (file === `${directory.path}/${basename(file)}`) directory.doubt(basename(file));
  }

  stop(): void {
    clearInterval(this.#timer);
    clearTimeout(this.#soon);
    for (const { watcher } of this.#watchers.values()) watcher.close();
  }

  #lookAtAll(): void {
    for (const move of this.#options.settings().moves.keys()) if (!this.#looking.has(move)) this.#begin(move);
  }

  #begin(move: string): void {
    const looking = this.#look(move).finally(() => {
      this.#looking.delete(move);
      if (this.#wanted.has(move)) this.#begin(move);
    });
    this.#looking.set(move, looking);
  }

  async #look(move: string): Promise<void> {
    const { settings, clock, take } = this.#options;
    const entry = settings().moves.get(move);
    const isAsked = this.#wanted.delete(move);
    if (!entry) return this.#forget(move);
    const began = clock.now();
    const { directories, silent } = await directoriesOf(entry.from);
    // What a pattern would match where nobody answers is what it matched before.
    const paths =
      silent.length === 0 ? directories : [...new Set([...(this.#of.get(move) ?? []), ...directories])];
    const points = mountPoints();
    this.#coming.set(move, paths);
    const lists = await Promise.all(paths.map((path) => this.#lookInto(path, points)));
    this.#coming.delete(move);
    this.#of.set(move, paths);
    this.#forgetUnused();
    const before = this.#told.get(move);
    const isNews = lists.length !== before?.length || lists.some((list, index) => list !== before[index]);
    if (!isAsked && !isNews) return;
    this.#told.set(move, lists);
    take({ type: 'looked_through', move, began, plots: inTurns(lists) });
  }

  /** One that doesn't answer has what it had: whatever is in it can't be moved now, and isn't gone. */
  async #lookInto(path: string, points: readonly string[]): Promise<readonly FinishedPlot[]> {
    const directory = this.#directories.get(path) ?? new FinishedPlots(path);
    this.#directories.set(path, directory);
    try {
      const plots = await this.#turns.take(
        mountOf(path, points),
        () => directory.look(this.#telling()),
        LOOK_MS,
      );
      if (plots !== null) this.#watch(directory);
      return plots ?? directory.plots;
    } catch (error) {
      return saysAbsent(error) ? directory.missing() : directory.plots;
    }
  }

  #telling(): PlotTelling {
    const { state, settings, clock, quietMs } = this.#options;
    return {
      suffixes: new Set(suffixesOf(settings())),
      isOurs: (name) => state.made.has(name),
      quietMs,
      now: () => clock.now(),
    };
  }

  /** The kernel tells of names that come and go. Only once a directory has answered: to watch one that hangs would hang. */
  #watch({ path, identity }: FinishedPlots): void {
    const present = this.#watchers.get(path);
    if (identity === null || present?.identity === identity) return;
    present?.watcher.close();
    try {
      const watcher = watch(path, { persistent: false }, (event) => {
        if (event === 'rename') this.#lookSoon();
      });
      watcher.on('error', () => watcher.close());
      this.#watchers.set(path, { watcher, identity });
    } catch {
      // No watches are left, or the system has none: it is looked through from time to time.
    }
  }

  #lookSoon(): void {
    this.#soon ??= setTimeout(() => {
      this.#soon = undefined;
      this.#lookAtAll();
    }, SOON_MS);
  }

  #forget(move: string): void {
    this.#of.delete(move);
    this.#told.delete(move);
    this.#forgetUnused();
  }

  #forgetUnused(): void {
    const used = new Set([...this.#of.values(), ...this.#coming.values()].flat());
    for (const path of this.#directories.keys()) if (!used.has(path)) this.#directories.delete(path);
    for (const [path, { watcher }] of this.#watchers) {
      if (used.has(path)) continue;
      watcher.close();
      this.#watchers.delete(path);
    }
  }
}

/** One of each directory after the other, so that none has to wait until another one is empty. */
function inTurns(lists: readonly (readonly FinishedPlot[])[]): FinishedPlot[] {
  const all: FinishedPlot[] = [];
  const longest = Math.max(0, ...lists.map(({ length }) => length));
  for (let at = 0; at < longest; at += 1)
    for (const list of lists) {
      const plot = list[at];
      if (plot) all.push(plot);
    }
  return all;
}
