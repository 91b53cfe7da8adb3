import {
  closeSync,
  openSync,
  readFileSync,
  rmSync,
  type Stats,
  statSync,
  utimesSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { codeOf } from '../../util/errors.ts';
import { beatOffset, beatText, claimNumbers, parseClaim } from './claim-file.ts';

/** This daemon's claim was taken from it. */
export class ClaimLostError extends Error {
  constructor(file: string) {
    super(
      `${file}, this daemon's claim on its data_dir, was taken or removed: another daemon works there, ` +
        'so this one stops without writing anything more',
    );
    this.name = 'ClaimLostError';
  }
}

/** A claim seen this long ago needs no new look before something is written. */
const FRESH_MS = 1_000;

export interface HeldClaimOptions {
  file: string;
  /** What the file holds. */
  text: string;
  token: string;
  beatMs: number;
  /** Ends this program: nothing may be written any more. */
  onLost: (error: ClaimLostError) => void;
}

/** A claim of this process: its heart beats until it is released, and it notices when it is taken. */
export class HeldClaim {
  readonly #options: HeldClaimOptions;
  readonly #home: Stats;
  readonly #offset: number;
  readonly #timer: NodeJS.Timeout;
  #count = 0;
  #seenAt = Date.now();
  #lost: ClaimLostError | null = null;

  constructor(options: HeldClaimOptions) {
    this.#options = options;
    this.#home = statSync(dirname(options.file));
    this.#offset = beatOffset(options.text);
    this.#timer = setInterval(() => this.#beat(), options.beatMs).unref();
  }

  get file(): string {
    return this.#options.file;
  }

  /**
   * To be called before something is written: throws ClaimLostError where the claim was taken. By the clock on the
   * wall, so that a daemon that was suspended with its host, or stopped, looks before it writes anything.
   */
  verify(): void {
    if (this.#lost !== null) throw this.#lost;
    const age = Date.now() - this.#seenAt;
    if (age < 0 || age >= FRESH_MS) this.#look();
  }

  /** Gives the directory up; a claim that isn't this one's is left alone. */
  release(): void {
    clearInterval(this.#timer);
    try {
      if (this.#isOurs()) rmSync(this.#options.file, { force: true });
    } catch {
      // What can't be read or removed belongs to a process that is over: the next daemon sees that.
    }
  }

  /** In place, so that a full disk doesn't stop it; where even that needs room, its time is set. */
  #beat(): void {
    try {
      this.#look();
    } catch {
      return;
    }
    this.#count += 1;
    const { file } = this.#options;
    try {
      // Opened anew: closing is what makes other hosts see it (NFS).
      const fd = openSync(file, 'r+');
      try {
        writeSync(fd, beatText(this.#count), this.#offset);
      } finally {
        closeSync(fd);
      }
    } catch {
      this.#touch();
    }
  }

  #touch(): void {
    const now = new Date();
    try {
      utimesSync(this.#options.file, now, now);
    } catch {
      // A disk that is read-only or gone: this daemon still answers on its socket.
    }
  }

  #look(): void {
    let ours: boolean;
    try {
      ours = this.#isOurs();
    } catch {
      // An error in reading says nothing about who has the directory.
      return;
    }
    if (ours) {
      this.#seenAt = Date.now();
      return;
    }
    this.#lost = new ClaimLostError(this.#options.file);
    clearInterval(this.#timer);
    this.#options.onLost(this.#lost);
    throw this.#lost;
  }

  /**
   * A directory that is another one by now (moved away, its disk unmounted) says nothing about the claim that was in
   * it, unless somebody else has claimed that one.
   */
  #isOurs(): boolean {
    const { file, token } = this.#options;
    try {
      const claim = parseClaim(readFileSync(file, 'utf8'));
      return claim !== null && 'token' in claim && claim.token === token;
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
      const dir = dirname(file);
      const { dev, ino } = statSync(dir);
      const same = dev === this.#home.dev && ino === this.#home.ino;
      if (!same && claimNumbers(dir).length === 0) throw error;
      return false;
    }
  }
}
