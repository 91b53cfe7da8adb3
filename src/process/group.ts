import { setTimeout as sleep } from 'node:timers/promises';
import { type ProcessIdentity, sameProcess } from '../host/process-identity.ts';
import { type OnTrouble, untilKnown } from '../util/until-known.ts';
import { groupExists, isStopped, keyOf, membersOf, signalTo } from './members.ts';
import { processTable, type Seen } from './process-table.ts';

/** After the wrapper, members that aren't this program's children can only be looked for. */
const FIRST_LOOK_MS = 10;
const SLOWEST_LOOK_MS = 500;
/** A wrapper that can't be seen here any more is known to be gone by then, or it is elsewhere. */
const GONE_WITHIN_MS = 5_000;

/** Signals that ask for an end; the last one doesn't ask. */
export type StopSignal = 'SIGTERM' | 'SIGINT' | 'SIGHUP' | 'SIGKILL';

/** How whatever says nothing else is ended. */
const STOP_SIGNALS: readonly StopSignal[] = ['SIGTERM', 'SIGKILL'];
/** A signal that is repeated comes so soon: two within a second mean "now" to some plotters. */
const REPEAT_MS = 500;

export interface GroupOptions {
  /** PLOT2MQTT_WORKER of its environment. */
  worker: string;
  /** PLOT2MQTT_RUN of a plotter's environment: what carries it is the plotter's too, in whatever group. */
  run: string | null;
  /** Resolves when the wrapper has ended. */
  leaderGone: Promise<void>;
  onTrouble?: OnTrouble | undefined;
}

/**
 * A wrapper and all that it started: its process group, and of a plotter all that carries its run, whatever group or
 * session it is in (`timeout` and shells with job control give what they start a group of its own).
 *
 * No signal is sent unless a process is verifiably one of these: its group's leader is the very process that was
 * started, a member of the group carries the worker's id, or it carries the run itself.
 */
export class ProcessGroup {
  readonly pid: number;
  readonly #leader: ProcessIdentity;
  readonly #options: GroupOptions;
  #leaderIsGone = false;
  /** It was seen alive: that its group is still the same one is known without a look into it. */
  readonly #wasLed: boolean;

  constructor(leader: ProcessIdentity, options: GroupOptions) {
    this.pid = leader.pid;
    this.#leader = leader;
    this.#options = options;
    this.#wasLed = isSurelyAlive(leader);
    void options.leaderGone.then(() => {
      this.#leaderIsGone = true;
    });
  }

  /** The processes that run now, the wrapper among them; after its end, what it left behind. */
  async survivors(): Promise<number[]> {
    return (await this.#members()).map(({ pid }) => pid);
  }

  /**
   * Suspends all of it, what starts meanwhile too; as long as `still` holds. What refuses, another account's process, is
   * answered in words.
   */
  async suspend(still: () => boolean = () => true): Promise<string | null> {
    return this.#signalAll('SIGSTOP', (each) => !isStopped(each), still);
  }

  /** Lets all of it go on, as long as `still` holds. */
  async resume(still: () => boolean = () => true): Promise<string | null> {
    return this.#signalAll('SIGCONT', isStopped, still);
  }

  /**
   * Signals each of its processes that has started none of the others: programs, not the shells above them. `mayNow` is
   * asked when they are known: between it and the signal nothing comes. What refuses is answered in words.
   */
  async signalInnermost(signal: NodeJS.Signals, mayNow: () => boolean): Promise<string | null> {
    const members = await this.#members();
    if (!mayNow()) return null;
    const parents = new Set(members.map(({ parent }) => parent));
    const innermost = members.filter(({ pid }) => !parents.has(pid) && pid !== this.pid);
    const refusing = innermost.filter((each) => signalTo(each, signal) === 'refused');
    return refusing.length === 0 ? null : `${inWords(refusing)} can't be asked to end`;
  }

  /**
   * Ends all of it: with one of these signals after the other, the last of which is SIGKILL; a suspended one gets them on
   * SIGCONT. The next comes after `graceMs`, or, where one is repeated, after half a second. Resolves when the wrapper
   * and all else are gone, also what the wrapper left behind earlier; what refuses to end is answered in words. A command
   * killed outright has no exit status: its wrapper went with it.
   */
  async terminate(graceMs: number, signals: readonly StopSignal[] = STOP_SIGNALS): Promise<string | null> {
    for (const [index, signal] of signals.entries()) {
      if (signal === 'SIGKILL') break;
      const isRepeated = signals[index + 1] === signal;
      const ended = await this.#endsWithin(signal, isRepeated ? Math.min(REPEAT_MS, graceMs) : graceMs);
      if (ended) return this.#stoppedHere();
    }
    for (let wait = FIRST_LOOK_MS; ; wait = Math.min(wait * 2, SLOWEST_LOOK_MS)) {
      const left = await this.#members();
      if (left.length === 0) return this.#stoppedHere();
      await this.#signal('SIGKILL');
      const refusing = left.filter((each) => signalTo(each, 'SIGKILL') === 'refused');
      if (refusing.length === left.length) return `${inWords(refusing)} can't be stopped`;
      await sleep(wait);
    }
  }

  async #stoppedHere(): Promise<string | null> {
    return (await this.#isElsewhere()) ? `${ELSEWHERE} stopped` : null;
  }

  /** Asks all of it to end, what starts meanwhile too, and answers whether it did so in time. */
  async #endsWithin(signal: StopSignal, ms: number): Promise<boolean> {
    const deadline = performance.now() + ms;
    const asked = await this.#ask(signal);
    if (asked.has('group')) await this.#leaderGoneWithin(ms);
    for (let wait = FIRST_LOOK_MS; ; wait = Math.min(wait * 2, SLOWEST_LOOK_MS)) {
      const left = await this.#members();
      if (left.length === 0) return true;
      const time = deadline - performance.now();
      if (time <= 0) return false;
      this.#askEach(left, signal, asked);
      await sleep(Math.min(wait, time));
    }
  }

  /** Asks the group to end, if there is one. */
  async #ask(signal: StopSignal): Promise<Set<string>> {
    if (!(await this.#signal(signal))) return new Set();
    await this.#signal('SIGCONT');
    return new Set(['group']);
  }

  /** Asks those that haven't been asked yet: a second signal means something else to some plotters. */
  #askEach(left: readonly Seen[], signal: StopSignal, asked: Set<string>): void {
    for (const each of left) {
      const key = keyOf(each);
      const told = asked.has(key) || (asked.has('group') && each.group === this.pid);
      asked.add(key);
      if (told) continue;
      signalTo(each, signal);
      signalTo(each, 'SIGCONT');
    }
  }

  /** Signals the group at once, then all of it one by one, until a look finds nothing new. */
  async #signalAll(
    signal: NodeJS.Signals,
    wants: (seen: Seen) => boolean,
    still: () => boolean,
  ): Promise<string | null> {
    const done = new Set<string>();
    const refusing: Seen[] = [];
    if (still()) await this.#signal(signal);
    for (;;) {
      const found = (await this.#members()).filter((each) => wants(each) && !done.has(keyOf(each)));
      if (found.length === 0 || !still()) break;
      for (const each of found) {
        done.add(keyOf(each));
        if (signalTo(each, signal) === 'refused') refusing.push(each);
      }
    }
    // What is elsewhere was never suspended from here.
    const suspends = signal === 'SIGSTOP';
    if (suspends && done.size === 0 && (await this.#isElsewhere())) return `${ELSEWHERE} suspended`;
    const what = suspends ? 'suspended' : 'resumed';
    return refusing.length === 0 ? null : `${inWords(refusing)} can't be ${what}`;
  }

  /** Signals the process group; false where there is none any more. */
  #signal(signal: NodeJS.Signals): Promise<boolean> {
    return untilKnown(() => this.#signalNow(signal), this.#options.onTrouble);
  }

  async #signalNow(signal: NodeJS.Signals): Promise<boolean> {
    if (!groupExists(this.pid)) return false;
    if (!sameProcess(this.#leader)) {
      const carried = (await this.#look()).some(({ group, hidden }) => group === this.pid && !hidden);
      if (!carried) return false;
    }
    try {
      return process.kill(-this.pid, signal);
    } catch {
      return false;
    }
  }

  /** Whether the wrapper lives, but in a PID namespace that can't be seen from here. */
  async #isElsewhere(): Promise<boolean> {
    if (this.#leaderIsGone || sameProcess(this.#leader)) return false;
    await this.#leaderGoneWithin(GONE_WITHIN_MS);
    return !this.#leaderIsGone;
  }

  #members(): Promise<Seen[]> {
    return untilKnown(() => this.#look(), this.#options.onTrouble);
  }

  async #look(): Promise<Seen[]> {
    const seen = await processTable.look();
    const { worker, run } = this.#options;
    const led = sameProcess(this.#leader);
    return membersOf(seen, { group: this.pid, led, wasLed: this.#wasLed, worker, run });
  }

  async #leaderGoneWithin(ms: number): Promise<void> {
    const timer = new AbortController();
    const late = sleep(ms, undefined, { signal: timer.signal }).catch(() => undefined);
    await Promise.race([this.#options.leaderGone, late]);
    timer.abort();
  }
}

const ELSEWHERE = "it runs in another container, from here it can't be";

/** False too where that can't be told now. */
function isSurelyAlive(leader: ProcessIdentity): boolean {
  try {
    return sameProcess(leader);
  } catch {
    return false;
  }
}

function inWords(refusing: readonly Seen[]): string {
  const ids = refusing.map(({ pid }) => pid).join(', ');
  return refusing.length === 1 ? `process ${ids} of another account` : `processes ${ids} of another account`;
}
