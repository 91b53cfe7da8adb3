import { type BigIntStats, constants, fstatSync, openSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf } from '../util/errors.ts';
import { writing } from './copy-bytes.ts';
import { noting, pinned } from './failing.ts';
import type { MoveTask, MoveWatch } from './move-task.ts';
import { isNoted, lookAt, type MoveNote, madeOf, readNote, removeNote, writeNote } from './note.ts';
import type { Place } from './open-place.ts';
import { MoveFailure } from './report.ts';

interface WrittenWhere {
  task: MoveTask;
  to: Place;
  /** The plot's name. */
  name: string;
  watch: Pick<MoveWatch, 'at'>;
}

/** What a move itself writes in its destination: its `.tmp`, and the note by which it knows that again. */
export class WrittenFile {
  /** The name of the `.tmp`. */
  readonly tmp: string;
  readonly #task: MoveTask;
  readonly #to: Place;
  readonly #watch: Pick<MoveWatch, 'at'>;
  #note: MoveNote | null;

  constructor({ task, to, name, watch }: WrittenWhere) {
    this.tmp = `${name}.tmp`;
    this.#task = task;
    this.#to = to;
    this.#watch = watch;
    this.#note = noting(() => readNote(task.note), { pinned: true });
  }

  /** What an earlier process of this move has noted, or this one. */
  get note(): Readonly<MoveNote> | null {
    return this.#note;
  }

  /** Whether this move has made a file, or has noted that it was there before. */
  has(found: BigIntStats): boolean {
    return isNoted(this.#note, found);
  }

  /** Makes the `.tmp`. Nobody else's is touched: it is noted first that nothing is there, then what was made. */
  make(): number {
    const path = this.#to.at(this.tmp);
    const left = writing(() => lookAt(path));
    if (left !== null && !this.has(left)) throw this.#notOurs();
    if (left !== null) writing(() => unlinkSync(path));
    const { file, expected } = this.#task;
    const source = { file, size: expected.size };
    const about = { tmp: this.#path, dev: String(this.#to.dev), made: null, source, at: Date.now() };
    this.#noteDown(about);
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
    this.#noteDown({ ...about, made: madeOf(writing(() => fstatSync(fd, { bigint: true }))) });
    this.#watch.at('named');
    return fd;
  }

  get #path(): string {
    return join(this.#to.path, this.tmp);
  }

  #noteDown(note: MoveNote): void {
    this.#note = note;
    noting(() => writeNote(this.#task.note, note));
  }

  #notOurs(): MoveFailure {
    return new MoveFailure('other', `there is a file that this move hasn't made: ${this.#path}`);
  }

  /** Notes a plot that was there before, so that another process of this move knows that, once the source is gone. */
  noteFound(placed: BigIntStats): void {
    const made = madeOf(placed);
    this.#noteDown({ tmp: this.#path, dev: String(this.#to.dev), made, at: Date.now(), found: true });
  }

  /** The plot has its own name: that of its `.tmp` goes. */
  unlinkTmp(): void {
    pinned('destination', () => {
      const left = this.#note === null ? null : lookAt(this.#to.at(this.tmp));
      if (left !== null && this.has(left)) unlinkSync(this.#to.at(this.tmp));
    });
  }

  /** Whatever of it can't be removed now stays noted, and goes when its disk lets it. */
  giveUp(): void {
    try {
      this.unlinkTmp();
      this.forget();
    } catch {
      // The note stays.
    }
  }

  forget(): void {
    if (this.#note === null) return;
    this.#note = null;
    try {
      removeNote(this.#task.note);
    } catch {
      // Nothing is left of what it says, which is found out whenever somebody looks.
    }
  }
}
