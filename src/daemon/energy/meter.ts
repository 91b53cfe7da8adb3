import type { EnergySettings } from '../../config/schema/energy.ts';
import type { Input } from '../../engine/inputs.ts';
import type { MqttService } from '../../mqtt/service.ts';
import type { Message } from '../../mqtt/connection/session.ts';
import type { Logger } from '../../util/log.ts';
import { readNumber } from './reading.ts';

export interface MeterOptions {
  mqtt: Pick<MqttService, 'sub' | 'unsub'>;
  take(input: Input): void;
  /** Whether the state can be written: what comes meanwhile is not kept. */
  storable(): boolean;
  log: Logger;
}

/** A number that somebody else publishes. */
interface Source {
  what: 'power' | 'price';
  topic: string;
  key: string | undefined;
}

interface Listening extends Source {
  handle(message: Message): void;
}

/** Hears what the host draws and what that costs, on topics of others (contract, section 11). */
export class Meter {
  readonly #options: MeterOptions;
  #listening: Listening[] = [];
  /** Where nothing could be read last: the log says it once. */
  readonly #unread = new Set<string>();

  constructor(options: MeterOptions) {
    this.#options = options;
  }

  /** Listens where config.yaml says, from now on. */
  configure(energy: EnergySettings | undefined): void {
    const { mqtt } = this.#options;
    const wanted = sourcesOf(energy);
    const stays = this.#listening.filter((source) => wanted.some((each) => isSame(each, source)));
    for (const source of this.#listening)
      if (!stays.includes(source)) mqtt.unsub(source.topic, source.handle);
    const fresh = wanted
      .filter((source) => !stays.some((each) => isSame(each, source)))
      .map((source) => ({ ...source, handle: (message: Message) => this.#heard(source, message) }));
    for (const { topic, handle } of fresh) mqtt.sub(topic, handle, { news: true });
    this.#listening = [...stays, ...fresh];
    this.#unread.clear();
  }

  /** What was shared out and isn't written down yet is, before the daemon ends. */
  stop(): void {
    this.configure(undefined);
    this.#options.take({ type: 'wake', timers: [{ kind: 'energy' }] });
  }

  /** Of what is retained nobody knows how old it is. */
  #heard({ what, topic, key }: Source, { payload, retained }: Message): void {
    const { take, storable, log } = this.#options;
    if (retained || payload.length === 0) return;
    const reading = readNumber(payload, key);
    const place = `${what} ${topic}`;
    if ('value' in reading) {
      this.#unread.delete(place);
      if (storable()) take(inputOf(what, reading.value));
    } else if (!this.#unread.has(place)) {
      this.#unread.add(place);
      log.warn({ topic }, `No ${what} can be read: ${reading.problem}`);
    }
  }
}

function sourcesOf(energy: EnergySettings | undefined): Source[] {
  if (energy === undefined) return [];
  const { power_topic, power_key, price_topic, price_key } = energy;
  return [
    ...(power_topic === undefined ? [] : [{ what: 'power' as const, topic: power_topic, key: power_key }]),
    ...(price_topic === undefined ? [] : [{ what: 'price' as const, topic: price_topic, key: price_key }]),
  ];
}

function isSame(one: Source, other: Source): boolean {
  return one.what === other.what && one.topic === other.topic && one.key === other.key;
}

/** A price below nothing counts as nothing: what plots have cost never falls. */
function inputOf(what: Source['what'], value: number): Input {
  return what === 'power' ? { type: 'power', watts: value } : { type: 'price', price: Math.max(0, value) };
}
