import { setTimeout as sleep } from 'node:timers/promises';
import { type ProcessIdentity, sameProcess } from '../host/process-identity.ts';
import { type OnTrouble, untilKnown } from '../util/until-known.ts';
import { groupExists, membersOf } from './members.ts';

/** After the wrapper, members that aren't this program's children can only be looked for. */
const FIRST_LOOK_MS = 10;
const SLOWEST_LOOK_MS = 500;

/**
 * A wrapper and all that it started, as far as it stayed in the wrapper's process group. (A command that leaves its
 * session, as daemons do, is on its own.)
 *
 * No signal is sent unless the group is verifiably that one: its leader is the very process that was started, or a
 * member carries the worker's id, and as long as a group has members its id isn't given to another.
 */
export class ProcessGroup {
  readonly pid: number;
  readonly #leader: ProcessIdentity;
  readonly #worker: string;
  readonly #leaderGone: Promise<void>;
  readonly #onTrouble: OnTrouble | undefined;

  /** `worker` is PLOT2MQTT_WORKER of its environment, `leaderGone` resolves when the wrapper has ended. */
  constructor(leader: ProcessIdentity, worker: string, leaderGone: Promise<void>, onTrouble?: OnTrouble) {
    this.pid = leader.pid;
    this.#leader = leader;
    this.#worker = worker;
    this.#leaderGone = leaderGone;
    this.#onTrouble = onTrouble;
  }

  /**
   * Signals the group; false where there is none any more. SIGSTOP suspends it, SIGCONT lets it go on. Throws where it
   * can't be told now whether the group is that one.
   */
  signal(signal: NodeJS.Signals): boolean {
    if (!this.#isOurs()) return false;
    try {
      return process.kill(-this.pid, signal);
    } catch {
      return false;
    }
  }

  /**
   * The ids of the group's processes that run now, the wrapper among them; after its end, what it left behind. Throws
   * where the system doesn't tell now.
   */
  survivors(): number[] {
    const members = membersOf(this.pid);
    const ours = sameProcess(this.#leader) || this.#carried(members);
    return ours ? members.map((member) => member.pid) : [];
  }

  /**
   * Ends the group: SIGTERM, which a suspended one gets on SIGCONT, and after `graceMs` SIGKILL. Resolves when the
   * wrapper and all members are gone, also those that the wrapper left behind earlier. A command killed outright has
   * no exit status: its wrapper went with it.
   */
  async terminate(graceMs: number): Promise<void> {
    if (!(await this.#surely('SIGTERM'))) return;
    await this.#surely('SIGCONT');
    if (await this.#emptied(graceMs)) return;
    await this.#surely('SIGKILL');
    await this.#emptied(Number.POSITIVE_INFINITY);
  }

  #surely(signal: NodeJS.Signals): Promise<boolean> {
    return untilKnown(() => this.signal(signal), this.#onTrouble);
  }

  async #emptied(withinMs: number): Promise<boolean> {
    const deadline = performance.now() + withinMs;
    await this.#leaderGoneWithin(withinMs);
    const left = () => untilKnown(() => this.survivors().length, this.#onTrouble);
    for (let wait = FIRST_LOOK_MS; (await left()) > 0; wait = Math.min(wait * 2, SLOWEST_LOOK_MS)) {
      const time = deadline - performance.now();
      if (time <= 0) return false;
      await sleep(Math.min(wait, time));
    }
    return true;
  }

  async #leaderGoneWithin(ms: number): Promise<void> {
    if (ms === Number.POSITIVE_INFINITY) return this.#leaderGone;
    const timer = new AbortController();
    await Promise.race([this.#leaderGone, sleep(ms, undefined, { signal: timer.signal })]);
    timer.abort();
  }

  #isOurs(): boolean {
    if (sameProcess(this.#leader)) return true;
    return groupExists(this.pid) && this.#carried(membersOf(this.pid));
  }

  #carried(members: ReturnType<typeof membersOf>): boolean {
    return this.#worker !== '' && members.some((member) => member.carries(this.#worker));
  }
}
