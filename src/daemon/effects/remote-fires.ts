import { topics } from '../../contract/topics.ts';
import type { RemoteFire } from '../../engine/model/remote-fire.ts';
import type { MqttService } from '../../mqtt/service.ts';
import type { Logger } from '../../util/log.ts';

export interface RemoteFiresOptions {
  mqtt: Pick<MqttService, 'send' | 'sub' | 'onConnected'>;
  /** The broker has it. */
  delivered(id: string): void;
  log: Logger;
}

/** A named event on its way; `sent`: on this connection. */
interface Pending extends RemoteFire {
  sent: boolean;
}

/** Another daemon, as far as its base topic tells. */
interface Target {
  /** `null`: it has said nothing yet, or isn't a daemon. */
  says: 'online' | 'offline' | null;
  /** It said so on this connection: what is retained may be what it said before its broker died. */
  isLive: boolean;
  /** What it has retained may still be on its way. */
  isNew: boolean;
}

/** All daemons are back within 5 s of their broker's return (contract, section 1). */
const SETTLE_MS = 8_000;
/** A broker hands out what is retained at once. */
const ANSWER_MS = 2_000;
/** So many other daemons are watched; what is fired at more goes out at once. */
const MAX_TARGETS = 1_000;

/**
 * Fires named events at other daemons on the same broker (contract, section 13). What reaches a broker while the other
 * daemon isn't connected is lost, although the broker acknowledges it: so nothing is sent while that one is known to be
 * offline, nor, of what waited for the broker, before it had the time to come back too.
 */
export class RemoteFires {
  readonly #options: RemoteFiresOptions;
  readonly #pending = new Map<string, Pending>();
  readonly #targets = new Map<string, Target>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #settling: NodeJS.Timeout | undefined;

  constructor(options: RemoteFiresOptions) {
    this.#options = options;
    options.mqtt.onConnected(() => this.#connected());
  }

  /** Sends it until the broker has it; the other daemon takes what comes twice once, by its id. `null`: given up. */
  fire(id: string, fire: RemoteFire | null): void {
    if (fire === null) {
      this.#pending.delete(id);
      return this.#options.log.warn({ id }, 'A named event for another daemon is given up: too many wait');
    }
    this.#pending.set(id, { ...fire, sent: false });
    this.#watch(fire.target);
    this.#send();
    if (this.#targets.get(fire.target)?.says === 'offline')
      this.#options.log.info(`${fire.target} is offline: '${fire.name}' is fired there when it is back`);
  }

  stop(): void {
    clearTimeout(this.#settling);
    for (const timer of this.#timers) clearTimeout(timer);
  }

  /** What was sent on the last connection and not acknowledged is sent again. */
  #connected(): void {
    for (const target of this.#targets.values()) Object.assign(target, { says: null, isLive: false });
    for (const pending of this.#pending.values()) pending.sent = false;
    clearTimeout(this.#settling);
    this.#settling = undefined;
    if (this.#targets.size === 0) return;
    const wait = this.#pending.size === 0 ? ANSWER_MS : SETTLE_MS;
    this.#settling = setTimeout(() => {
      this.#settling = undefined;
      this.#send();
    }, wait);
  }

  #watch(base: string): void {
    if (this.#targets.has(base) || this.#targets.size >= MAX_TARGETS) return;
    const target: Target = { says: null, isLive: false, isNew: true };
    this.#targets.set(base, target);
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      target.isNew = false;
      this.#send();
    }, ANSWER_MS);
    this.#timers.add(timer);
    this.#options.mqtt.sub(topics(base).bridgeState, ({ payload, retained }) => {
      const says = payload.toString();
      if (says !== 'online' && says !== 'offline') return;
      Object.assign(target, { says, isLive: !retained });
      this.#send();
    });
  }

  #send(): void {
    for (const [id, pending] of this.#pending) {
      const { target, name, sent } = pending;
      if (sent || !this.#mayGo(target)) continue;
      const payload = JSON.stringify({ transaction: id });
      pending.sent = this.#options.mqtt.send(topics(target).fire(name), payload, () => {
        if (this.#pending.delete(id)) this.#options.delivered(id);
      });
    }
  }

  #mayGo(base: string): boolean {
    const { says, isLive, isNew } = this.#targets.get(base) ?? { says: null, isLive: false, isNew: false };
    if (says === 'offline') return false;
    if (says === 'online' && isLive) return true;
    return this.#settling === undefined && (says === 'online' || !isNew);
  }
}
