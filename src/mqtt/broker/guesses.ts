import { createHash, timingSafeEqual } from 'node:crypto';
import type { BrokerLimits } from './limits.ts';

/** Failures of one address after which its delay doubles, and how long after the last one they are forgotten, in ms. */
const FAILURES_A_STEP = 10;
const FORGOTTEN_MS = 60_000;

/** Addresses and clients that are remembered; the oldest are forgotten. */
const REMEMBERED = 1_000;

/** Whether a name and password are right; `unchecked` where too many wrong ones came from the same address. */
export type Judgement = { kind: 'right' } | { kind: 'wrong'; delayMs: number } | { kind: 'unchecked' };

interface Guesser {
  failures: number;
  last: number;
  /** When each wrong password has stood long enough. */
  standing: number[];
}

type GuessLimits = Pick<BrokerLimits, 'guesses' | 'guessDelayMs' | 'guessMaxDelayMs'>;

/**
 * Judges passwords, and slows down who guesses: each wrong one stands for a delay that grows, whether its sender waits
 * for the answer or not, and only so many of an address may stand at once. Until then a right password is let in at
 * once, also from that address; beyond it only clients that have logged in before are looked at.
 */
export class Guesses {
  readonly #limits: GuessLimits;
  readonly #now: () => number;
  readonly #isRight: (name: string | undefined, password: Buffer | undefined) => boolean;
  readonly #hasUsers: boolean;
  readonly #guessers = new Map<string, Guesser>();
  readonly #known = new Map<string, true>();

  /** `users`: name → password. `now` is a clock in ms. */
  constructor(
    users: Record<string, string>,
    limits: GuessLimits,
    now: () => number = () => performance.now(),
  ) {
    this.#hasUsers = Object.keys(users).length > 0;
    this.#isRight = passwordChecker(users);
    this.#limits = limits;
    this.#now = now;
  }

  judge(
    address: string,
    clientId: string,
    name: string | undefined,
    password: Buffer | undefined,
  ): Judgement {
    if (!this.#hasUsers) return { kind: 'right' };
    const guesser = this.#guesserAt(address);
    const client = `${name}\0${clientId}`;
    if (guesser.standing.length >= this.#limits.guesses && !this.#known.has(client))
      return { kind: 'unchecked' };
    if (this.#isRight(name, password)) {
      remember(this.#known, client, true);
      return { kind: 'right' };
    }
    this.#known.delete(client);
    remember(this.#guessers, address, guesser);
    const delayMs = this.#delayOf(guesser);
    guesser.failures += 1;
    guesser.last = this.#now();
    guesser.standing.push(guesser.last + delayMs);
    return { kind: 'wrong', delayMs };
  }

  #guesserAt(address: string): Guesser {
    const guesser = this.#guessers.get(address) ?? { failures: 0, last: 0, standing: [] };
    const now = this.#now();
    guesser.standing = guesser.standing.filter((until) => until > now);
    if (now - guesser.last > FORGOTTEN_MS) guesser.failures = 0;
    return guesser;
  }

  #delayOf({ failures }: Guesser): number {
    const { guessDelayMs, guessMaxDelayMs } = this.#limits;
    return Math.min(guessDelayMs * 2 ** Math.floor(failures / FAILURES_A_STEP), guessMaxDelayMs);
  }
}

function remember<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > REMEMBERED && oldest !== undefined) map.delete(oldest);
}

function digest(text: string | Buffer): Buffer {
  return createHash('sha256').update(text).digest();
}

/**
 * Whether name and password are those of a user; without users everybody is let in (the configuration allows that
 * on loopback only). Takes the same time for every wrong password and every unknown name.
 */
export function passwordChecker(users: Record<string, string>) {
  const known = new Map(Object.entries(users).map(([name, password]) => [name, digest(password)]));
  const nobody = digest(crypto.randomUUID());
  return (name: string | undefined, password: Buffer | undefined): boolean => {
    if (known.size === 0) return true;
    const wanted = known.get(name ?? '');
    const same = timingSafeEqual(digest(password ?? ''), wanted ?? nobody);
    return same && wanted !== undefined && password !== undefined;
  };
}
