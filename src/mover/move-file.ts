import {
  accessSync,
  type BigIntStats,
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  openSync,
  renameSync,
  unlinkSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { codeOf } from '../util/errors.ts';
import { copyBytes, reading, writing } from './copy-bytes.ts';
import { noting, pinned } from './failing.ts';
import { isNoted, lookAt, type MoveNote, madeOf, readNote, removeNote, writeNote } from './note.ts';
import { openPlace, type Place } from './open-place.ts';
import { nameAnew } from './name-anew.ts';
import { isSameFile, keepAttributes, statOrNull } from './plot-files.ts';
import { type HowMoved, MoveFailure, MoveStopped } from './report.ts';
import { haveSameContent } from './same-content.ts';

/** One plot that is to be moved. */
export interface MoveTask {
  /** Absolute, as are the directory that it goes to, and the file in which is noted what was written there. */
  file: string;
  to: string;
  note: string;
  /** How the plot was found: another file of its name is left alone. `mtime_ns`: nanoseconds since 1970. */
  expected: { size: string; ino: string; mtime_ns: string };
}

/** Where a move may be when its host goes down; for tests, which stop there. */
export const MOVE_POINTS = [
  ...['begun', 'noted', 'made', 'named', 'copied', 'flushed', 'linked', 'placed', 'durable', 'aside'],
  'removed',
] as const;
export type MovePoint = (typeof MOVE_POINTS)[number];

export interface MoveWatch {
  /** Whether it is to stop: it does where that leaves nothing behind, and else goes on to its end. */
  isStopped(): boolean;
  /** So many bytes are copied. */
  copied(bytes: number): void;
  /** It is at this point. */
  at(point: MovePoint): void;
}

/**
 * Moves a plot into a directory. Wherever it is interrupted, the plot is whole in one place at least, and the same move,
 * begun again, brings it to its end. Nothing is ever overwritten, and only what this move has made itself is removed,
 * and the source, once the plot is safely in its place.
 *
 * @throws {MoveFailure} having removed what it had written, as far as the disk lets it
 * @throws {MoveStopped} the same
 */
export async function moveFile(task: MoveTask, watch: MoveWatch): Promise<HowMoved> {
  const from = reading(() => openPlace(dirname(task.file)));
  try {
    const to = writing(() => openPlace(task.to));
    try {
      return await new Move(task, { from, to }, watch).run();
    } finally {
      to.close();
    }
  } finally {
    from.close();
  }
}

class Move {
  readonly #task: MoveTask;
  readonly #from: Place;
  readonly #to: Place;
  readonly #watch: MoveWatch;
  readonly #name: string;
  readonly #tmp: string;
  /** The source's name from when its plot is safe until it goes. */
  readonly #aside: string;
  #note: MoveNote | null;

  constructor(task: MoveTask, { from, to }: { from: Place; to: Place }, watch: MoveWatch) {
    this.#task = task;
    this.#from = from;
    this.#to = to;
    this.#watch = watch;
    this.#name = basename(task.file);
    this.#tmp = `${this.#name}.tmp`;
    this.#aside = `${this.#name}.moved`;
    this.#note = noting(() => readNote(task.note), { pinned: true });
  }

  async run(): Promise<HowMoved> {
    const { path, dev, ino } = this.#to;
    if (dev === this.#from.dev && ino === this.#from.ino)
      throw new MoveFailure('other', `${this.#task.file} is in ${path} already`);
    const source = reading(() => lookAt(this.#from.at(this.#name)));
    const placed = writing(() => lookAt(this.#to.at(this.#name)));
    if (source === null) return this.#finishGone(placed);
    this.#checkSource(source);
    this.#watch.at('begun');
    if (placed !== null) return this.#finishPlaced(source, placed);
    return (await this.#rename(source)) ?? this.#copy(source);
  }

  #checkSource(source: BigIntStats): void {
    const { file, expected } = this.#task;
    if (!source.isFile() || source.size === 0n) throw new MoveFailure('source', `${file} is no plot`);
    const { size, ino, mtime_ns } = expected;
    const same = String(source.size) === size && String(source.ino) === ino;
    if (!same || String(source.mtimeNs) !== mtime_ns)
      throw new MoveFailure('source', `${file} has changed since it was found`);
    // Before it is copied, not after: what can't be removed would be in two places.
    reading(() => accessSync(this.#from.at('.'), constants.W_OK | constants.X_OK));
  }

  /** The source is gone: this move may have removed it itself, before it was interrupted. */
  #finishGone(placed: BigIntStats | null): HowMoved {
    const { file, expected } = this.#task;
    const aside = reading(() => lookAt(this.#from.at(this.#aside)));
    const isAside = aside !== null && String(aside.ino) === expected.ino;
    if (isAside && placed === null) this.#putBack();
    const isCopy = placed !== null && isNoted(this.#note, placed);
    const isRenamed = placed !== null && String(placed.ino) === expected.ino && placed.dev === this.#from.dev;
    if (placed === null || String(placed.size) !== expected.size || !(isCopy || isRenamed || isAside))
      throw new MoveFailure('source', `${file} is gone`);
    this.#flushPlaced();
    this.#unlinkTmp();
    pinned('source', () => {
      if (isAside) unlinkSync(this.#from.at(this.#aside));
      this.#from.sync();
    });
    return isCopy ? 'copied' : 'renamed';
  }

  /** There is a file of that name in the destination: of this move, of another with the same content, or another plot. */
  async #finishPlaced(source: BigIntStats, placed: BigIntStats): Promise<HowMoved> {
    if (placed.dev === source.dev && placed.ino === source.ino) return this.#settle(source, 'renamed');
    const isCopy = placed.size === source.size && this.#note?.found !== true && isNoted(this.#note, placed);
    if (isCopy) return this.#settle(source, 'copied');
    if (!(await this.#isSame(source, placed)))
      throw new MoveFailure(
        'other',
        `there is another file of that name, which is never overwritten: ${join(this.#to.path, this.#name)}`,
      );
    // What it had begun itself goes as long as the note says what that is.
    this.#unlinkTmp();
    this.#noteFound(placed);
    return this.#settle(source, 'found');
  }

  /** So that another process of this move knows, once the source is gone, that its plot is there. */
  #noteFound(placed: BigIntStats): void {
    const tmp = join(this.#to.path, this.#tmp);
    const made = madeOf(placed);
    this.#note = { tmp, dev: String(this.#to.dev), made, at: Date.now(), found: true };
    const about = this.#note;
    noting(() => writeNote(this.#task.note, about));
  }

  async #isSame(source: BigIntStats, placed: BigIntStats): Promise<boolean> {
    if (!placed.isFile() || placed.size !== source.size) return false;
    const fd = this.#openSource(source);
    try {
      return await haveSameContent(fd, this.#to.at(this.#name), this.#watch.isStopped);
    } finally {
      closeSync(fd);
    }
  }

  #openSource(source: BigIntStats): number {
    return reading(() => {
      const fd = openSync(this.#from.at(this.#name), constants.O_RDONLY | constants.O_NOFOLLOW);
      if (isSameFile(fstatSync(fd, { bigint: true }), source)) return fd;
      closeSync(fd);
      throw new MoveFailure('source', `${this.#task.file} has changed since it was found`);
    });
  }

  /** Where both are on one file system: nothing is copied. `null`: they aren't, after all. */
  async #rename(source: BigIntStats): Promise<HowMoved | null> {
    if (source.dev !== this.#to.dev) return null;
    const [from, to] = [this.#from.at(this.#name), this.#to.at(this.#name)];
    const named = writing(() => nameAnew(from, to));
    // Of one file system are also several mounts of it, and subvolumes, between which nothing can be renamed.
    if (named === 'elsewhere') return null;
    if (named === 'renamed') {
      this.#flushPlaced();
      pinned('source', () => this.#from.sync());
      return 'renamed';
    }
    const placed = writing(() => lookAt(to));
    if (placed === null) throw new MoveFailure('destination', `${to} was there, and is gone again`);
    this.#watch.at('linked');
    return this.#finishPlaced(source, placed);
  }

  async #copy(source: BigIntStats): Promise<HowMoved> {
    const from = this.#openSource(source);
    try {
      const to = this.#makeTmp();
      try {
        await this.#fill(source, from, to);
        closeSync(to);
      } catch (error) {
        closeSync(to);
        throw error;
      }
      return await this.#placeTmp(source);
    } catch (error) {
      // What is none of these is a crash, in tests: it removes nothing.
      const isEnd = error instanceof MoveStopped || (error instanceof MoveFailure && !error.pinned);
      if (isEnd) this.#giveUp();
      throw error;
    } finally {
      closeSync(from);
    }
  }

  /** Nobody else's is touched: it is noted first that nothing is there, then what was made. */
  #makeTmp(): number {
    const { note } = this.#task;
    const path = this.#to.at(this.#tmp);
    const left = writing(() => lookAt(path));
    if (left !== null && !isNoted(this.#note, left)) throw this.#notOurs();
    if (left !== null) writing(() => unlinkSync(path));
    const tmp = join(this.#to.path, this.#tmp);
    const about = { tmp, dev: String(this.#to.dev), made: null, at: Date.now() };
    this.#note = about;
    noting(() => writeNote(note, about));
    this.#watch.at('noted');
    const fd = writing(() => {
      try {
        return openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
      } catch (error) {
        if (codeOf(error) !== 'EEXIST') throw error;
        this.#note = null;
        throw this.#notOurs();
      }
    });
    this.#watch.at('made');
    const made = { ...about, made: madeOf(writing(() => fstatSync(fd, { bigint: true }))) };
    this.#note = made;
    noting(() => writeNote(note, made));
    this.#watch.at('named');
    return fd;
  }

  #notOurs(): MoveFailure {
    const path = join(this.#to.path, this.#tmp);
    return new MoveFailure('other', `there is a file that this move hasn't made: ${path}`);
  }

  async #fill(source: BigIntStats, from: number, to: number): Promise<void> {
    const { isStopped, copied } = this.#watch;
    const bytes = await copyBytes(from, to, {
      isStopped,
      copied: (done) => {
        this.#checkPlace();
        copied(done);
      },
    });
    this.#watch.at('copied');
    if (
      !isSameFile(
        reading(() => fstatSync(from, { bigint: true })),
        source,
      )
    )
      throw this.#changed();
    keepAttributes(to, source);
    writing(() => fsyncSync(to));
    const written = writing(() => fstatSync(to, { bigint: true }).size);
    if (BigInt(bytes) !== source.size || written !== source.size)
      throw new MoveFailure('destination', `${written} of ${source.size} bytes were written`);
    this.#watch.at('flushed');
  }

  #changed(): MoveFailure {
    return new MoveFailure(
      'source',
      `${this.#task.file} has changed while it was moved: the copy was removed`,
    );
  }

  /** Gives the whole copy its name. */
  async #placeTmp(source: BigIntStats): Promise<HowMoved> {
    if (!this.#isStill(source)) throw this.#changed();
    if (this.#watch.isStopped()) throw new MoveStopped();
    this.#checkPlace();
    const [from, to] = [this.#to.at(this.#tmp), this.#to.at(this.#name)];
    const named = writing(() => nameAnew(from, to));
    if (named === 'elsewhere') throw new MoveFailure('destination', `${this.#to.path} is on several disks`);
    this.#watch.at('linked');
    const placed = writing(() => lookAt(to));
    if (placed === null)
      throw new MoveFailure('destination', `${this.#name} was given its name, and is gone`);
    // Somebody was faster.
    if (named === 'taken' && !isNoted(this.#note, placed)) return this.#finishPlaced(source, placed);
    return this.#settle(source, 'copied');
  }

  /** It is whole in its place: from here on it is only to be made sure of, and the source to be removed. */
  #settle(source: BigIntStats, how: HowMoved): HowMoved {
    this.#unlinkTmp();
    this.#watch.at('placed');
    this.#flushPlaced();
    this.#watch.at('durable');
    this.#checkPlace({ pinned: true });
    const changed = how !== 'renamed' && !this.#isStill(source);
    if (changed && how === 'copied') this.#takeBack();
    if (changed) throw this.#changed();
    this.#removeSource(source);
    this.#watch.at('removed');
    // The note stays until it is told: who kills this process now has another one find that it is done.
    return how;
  }

  /**
   * The source gets another name before it goes: where both directories show one and the same file (a pool of disks, and
   * one of its disks), the plot is gone from its place with that, and comes back. Of a renamed one only the old name goes.
   */
  #removeSource(source: BigIntStats): void {
    const [name, aside] = [this.#from.at(this.#name), this.#from.at(this.#aside)];
    pinned('source', () => {
      const present = lookAt(name);
      if (present === null || present.ino !== source.ino) return this.#from.sync();
      if (lookAt(aside) !== null) throw new Error(`there is a file ${this.#aside} in ${this.#from.path}`);
      renameSync(name, aside);
    });
    this.#watch.at('aside');
    if (writing(() => lookAt(this.#to.at(this.#name))) === null) this.#putBack();
    pinned('source', () => {
      if (lookAt(aside) !== null) unlinkSync(aside);
      this.#from.sync();
    });
  }

  /** What went aside was the only one. */
  #putBack(): never {
    pinned('source', () => {
      renameSync(this.#from.at(this.#aside), this.#from.at(this.#name));
      this.#from.sync();
    });
    this.#forgetNote();
    throw new MoveFailure(
      'other',
      `${this.#from.path} and ${this.#to.path} show one and the same file: it stays where it is`,
    );
  }

  #flushPlaced(): void {
    pinned('destination', () => {
      const fd = openSync(this.#to.at(this.#name), constants.O_RDONLY | constants.O_NOFOLLOW);
      try {
        fsyncSync(fd);
      } finally {
        closeSync(fd);
      }
      this.#to.sync();
    });
  }

  /** The source has become another file: what was made of the one before goes. */
  #takeBack(): void {
    pinned('destination', () => {
      const placed = lookAt(this.#to.at(this.#name));
      if (placed !== null && isNoted(this.#note, placed)) unlinkSync(this.#to.at(this.#name));
      this.#to.sync();
    });
    this.#forgetNote();
  }

  /** A disk that is unmounted while somebody writes to it takes what is written, and nobody can read it there. */
  #checkPlace(about: { pinned?: boolean } = {}): void {
    const path = this.#to.path;
    const present = statOrNull(path);
    if (present?.dev !== this.#to.dev || present.ino !== this.#to.ino)
      throw new MoveFailure(
        'destination',
        `${path} is another directory than before: was its disk unmounted?`,
        about,
      );
  }

  #isStill(source: BigIntStats): boolean {
    const present = reading(() => lookAt(this.#from.at(this.#name)));
    return present !== null && isSameFile(present, source);
  }

  /** The plot has its own name: that of its `.tmp` goes. */
  #unlinkTmp(): void {
    pinned('destination', () => {
      const left = this.#note === null ? null : lookAt(this.#to.at(this.#tmp));
      if (left !== null && isNoted(this.#note, left)) unlinkSync(this.#to.at(this.#tmp));
    });
  }

  /** Whatever of it can't be removed now stays noted, and goes when its disk lets it. */
  #giveUp(): void {
    try {
      this.#unlinkTmp();
      this.#forgetNote();
    } catch {
      // The note stays.
    }
  }

  #forgetNote(): void {
    if (this.#note === null) return;
    this.#note = null;
    try {
      removeNote(this.#task.note);
    } catch {
      // Nothing is left of what it says, which is found out whenever somebody looks.
    }
  }
}
