import { areInEachOther, topics } from '../../contract/topics.ts';
import type { Door } from '../door.ts';
import type { Message, Publication, Session } from '../connection/session.ts';
import { type Asked, Rounds, type Told } from './rounds.ts';
import { type Answerer, keepsBaseTopic, type Who } from './words.ts';

/** Another daemon is alive where this one wants to be. */
export interface Rival {
  base: string;
  by: Answerer;
}

/** What is known of where else this installation may be alive, or have left something. */
export interface Whereabouts {
  /** Base topics that it had before. */
  former: readonly string[];
  /** A topic on which a live one of this instance says where it is, and how to read it; none: nothing says so. */
  document: { topic: string; baseIn(payload: string): string | undefined } | null;
}

export interface Findings {
  rival: Rival | null;
  /** Where another daemon of this very instance is alive: `data_dir` was copied. */
  copyOf: string | null;
  /** Former base topics on which nobody is alive and what stands is of this instance. */
  abandoned: string[];
}

export interface WatchOptions {
  own(): Who;
  whereabouts: Whereabouts;
  /** This daemon has said `online` before: what stands on its base topic may be its own. */
  returning: boolean;
  /** Hides what is secret in each message. */
  door: Door;
  /** Publishes an answer. */
  answer(message: Publication): void;
  /** Another daemon has come that was online earlier. */
  onRival(rival: Rival): void;
  /** Another daemon has come that steps back, and may have published here. */
  onIntruder(): void;
}

/** How many levels below the base topic another one is looked for. */
const DEPTH = 4;

/** Looks, on one connection, for other daemons in the way of this one: before anything is published, and from then on. */
export class InstanceWatch {
  readonly #options: WatchOptions;
  readonly #rounds: Rounds;
  #settled = false;
  #document = '';
  #beaten: Rival | null = null;

  constructor(session: Session, options: WatchOptions) {
    this.#options = options;
    this.#rounds = new Rounds(session, options);
  }

  /** One round trip where nobody seems to be there, else as long as an answer takes. Never rejects. */
  async survey(): Promise<Findings> {
    const { own, whereabouts } = this.#options;
    const { base_topic: base, instance } = own();
    const document = whereabouts.document?.topic;
    await this.#rounds.subscribe([
      ...[topics(base).request('instance'), topics(base).response('instance')],
      ...bridgesAround(base),
      ...whereabouts.former.flatMap(bridgeOn),
      ...(document === undefined ? [] : [document]),
    ]);
    await this.#rounds.known();
    const elsewhere = whereabouts.document?.baseIn(this.#document);
    if (elsewhere !== undefined && this.#rounds.place(elsewhere).state === '' && elsewhere !== base) {
      await this.#rounds.subscribe(bridgeOn(elsewhere));
      await this.#rounds.known();
    }
    const alive = new Map<string, Answerer>();
    const asking = this.#rounds
      .places()
      .filter((place) => place.state === 'online' && this.#mayBeOthers(place.base, place.instance))
      .map(async (place) => {
        const from = await this.#rounds.ask(place.base);
        if (from) alive.set(place.base, from);
      });
    await Promise.all(asking);
    this.#settled = true;
    return {
      rival: this.#beaten ?? this.#rivalAmong(alive),
      copyOf: [...alive].find((each) => this.#isCopy(...each))?.[0] ?? null,
      abandoned: whereabouts.former.filter(
        (former) => !alive.has(former) && (this.#rounds.place(former).instance ?? instance) === instance,
      ),
    };
  }

  /** Takes a message; returns whether it was of no concern to anybody else. */
  receive(message: Message): boolean {
    if (message.topic === this.#options.whereabouts.document?.topic && !this.#settled)
      this.#document = message.payload.toString();
    const heard = this.#rounds.receive(message);
    if (heard === undefined) return false;
    if (heard === 'ours') return true;
    switch (heard.kind) {
      case 'asked':
        this.#answer(heard);
        return true;
      case 'answered':
        this.#met({ base: heard.base, by: heard.from });
        return true;
      default:
        this.#hear(heard, message.retained);
        return false;
    }
  }

  /** Of its own, what it has said itself on an earlier connection is no sign of another; of others, any of ours is. */
  #mayBeOthers(base: string, instance: string | undefined): boolean {
    const { own, returning } = this.#options;
    if (base === own().base_topic) return !returning || instance !== own().instance;
    return instance !== undefined;
  }

  #rivalAmong(alive: Map<string, Answerer>): Rival | null {
    const { own } = this.#options;
    const found = [...alive].find(
      ([base, by]) => areInEachOther(base, own().base_topic) && keepsBaseTopic(by, own()),
    );
    return found ? { base: found[0], by: found[1] } : null;
  }

  #isCopy(base: string, by: Answerer): boolean {
    const { own } = this.#options;
    const instance = by === 'version 1' ? this.#rounds.place(base).instance : by.instance;
    return instance === own().instance && !areInEachOther(base, own().base_topic);
  }

  #answer({ asker, transaction }: Asked): void {
    const { own, answer } = this.#options;
    const data = own();
    const payload = JSON.stringify({ status: 'ok', data, transaction });
    answer({ topic: topics(data.base_topic).response('instance'), payload, retain: false });
    this.#met({ base: asker.base_topic, by: asker });
  }

  #met(rival: Rival): void {
    const { own, onRival, onIntruder } = this.#options;
    if (!areInEachOther(rival.base, own().base_topic)) return;
    if (!keepsBaseTopic(rival.by, own())) {
      if (this.#settled) onIntruder();
    } else if (this.#settled) onRival(rival);
    else this.#beaten ??= rival;
  }

  /** From the survey on: who has come online in the way of this one is asked. */
  #hear({ place, what }: Told, retained: boolean): void {
    const { own } = this.#options;
    if (!this.#settled || retained) return;
    const { base_topic: base, instance } = own();
    const isNew =
      what === 'info'
        ? place.base === base && place.instance !== undefined && place.instance !== instance
        : place.base !== base && place.state === 'online' && place.instance !== undefined;
    if (!isNew || !areInEachOther(place.base, base)) return;
    void this.#rounds.ask(place.base).then((by) => {
      if (by) this.#met({ base: place.base, by });
    });
  }
}

function bridgeOn(base: string): string[] {
  const { bridgeState, bridgeInfo } = topics(base);
  return [bridgeState, bridgeInfo];
}

/** The bridges on a base topic, on those that it lies in, and on those that lie in it. */
function bridgesAround(base: string): string[] {
  const levels = base.split('/');
  const above = levels.map((_level, index) => levels.slice(0, index + 1).join('/'));
  const below = Array.from({ length: DEPTH }, (_, depth) => `${base}${'/+'.repeat(depth + 1)}`);
  return [...above, ...below].flatMap(bridgeOn);
}
