import mqtt, {
  type IClientOptions,
  type IClientPublishOptions,
  type IPublishPacket,
  type MqttClient,
} from 'mqtt';

/** How long something may take to come, in milliseconds, before a test fails. */
const PATIENCE_MS = 45_000;

export interface Message {
  topic: string;
  text: string;
  retain: boolean;
  qos: number;
  packet: IPublishPacket;
}

/** An event as it was published; what it has beside the envelope depends on its type. */
export interface EventMessage {
  id: string;
  seq: number;
  at: string;
  type: string;
  event_type: string;
  job: string | null;
  slot: number | null;
  worker: string | null;
  [key: string]: unknown;
}

export interface AnswerMessage {
  status: string;
  data?: unknown;
  error?: { code: string; message: string; path: string | null };
  transaction?: unknown;
}

type Json = Record<string, unknown>;

/** A client of the daemon's broker that hears everything, and comes back whenever the broker does. */
export class Bus {
  readonly messages: Message[] = [];
  readonly base: string;
  readonly client: MqttClient;
  #listeners = new Set<() => void>();
  #commands = 0;

  private constructor(client: MqttClient, base: string) {
    this.client = client;
    this.base = base;
    client.on('error', () => {});
    client.on('message', (topic, payload, packet) => {
      const { retain, qos } = packet;
      this.messages.push({ topic, text: payload.toString(), retain, qos, packet });
      for (const listener of this.#listeners) listener();
    });
  }

  /** Connects, waiting until the broker is there, and subscribes to everything. */
  static async connect(url: string, base = 'plot2mqtt', options: IClientOptions = {}): Promise<Bus> {
    const client = mqtt.connect(url, { protocolVersion: 5, reconnectPeriod: 10, ...options });
    const bus = new Bus(client, base);
    await new Promise<void>((resolve) => client.once('connect', () => resolve()));
    await client.subscribeAsync('#', { qos: 1, rap: true });
    return bus;
  }

  end(): Promise<void> {
    return this.client.endAsync(true);
  }

  /** A topic below the base topic. */
  topic(rest: string): string {
    return `${this.base}/${rest}`;
  }

  publish(rest: string, payload: string | Json, options: IClientPublishOptions = {}): Promise<unknown> {
    const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
    return this.client.publishAsync(this.topic(rest), text, { qos: 1, ...options });
  }

  /** Resolves with what `find` finds, looked for again at each message. */
  async until<T>(what: string, find: () => T | undefined): Promise<T> {
    const there = find();
    if (there !== undefined) return there;
    return new Promise((resolve, reject) => {
      const done = () => {
        clearTimeout(timer);
        this.#listeners.delete(look);
      };
      const look = () => {
        const found = find();
        if (found === undefined) return;
        done();
        resolve(found);
      };
      const timer = setTimeout(() => {
        done();
        reject(new Error(`${what} did not come; the last messages:\n${this.#tail()}`));
      }, PATIENCE_MS);
      this.#listeners.add(look);
    });
  }

  #tail(): string {
    return this.messages
      .slice(-40)
      .map(({ topic, text }) => `${topic} ${text.slice(0, 300)}`)
      .join('\n');
  }

  /** A place in the stream of messages, to look only at what comes later. */
  mark(): number {
    return this.messages.length;
  }

  /** Waits for a message on a topic below the base topic. */
  message(rest: string, matches: (text: string) => boolean = () => true, from = 0): Promise<Message> {
    const topic = this.topic(rest);
    return this.until(`a message on ${topic}`, () =>
      this.messages.slice(from).find((each) => each.topic === topic && matches(each.text)),
    );
  }

  /** Waits until the latest message on a topic is this one. */
  value(rest: string, wanted: string): Promise<Message> {
    const topic = this.topic(rest);
    return this.until(`${wanted} on ${topic}`, () => {
      const last = this.last(rest);
      return last?.text === wanted ? last : undefined;
    });
  }

  /** Waits until it has heard of each of these topics: what is retained may come after what is published. */
  async caughtUp(topics: ReadonlyMap<string, Message>): Promise<void> {
    const missing = new Set(topics.keys());
    await this.until('what is retained', () => {
      for (const { topic } of this.messages) missing.delete(topic);
      return missing.size === 0 || undefined;
    });
  }

  last(rest: string): Message | undefined {
    const topic = this.topic(rest);
    return this.messages.findLast((each) => each.topic === topic);
  }

  /** The latest object on a topic. */
  object(rest: string): Json {
    return JSON.parse(this.last(rest)?.text ?? '{}');
  }

  /** Waits until the latest object on a topic has these values. */
  async shows(rest: string, wanted: Json): Promise<Json> {
    return this.until(`${JSON.stringify(wanted)} on ${rest}`, () => {
      const object = this.last(rest)?.text ? this.object(rest) : {};
      const same = Object.entries(wanted).every(
        ([key, value]) => JSON.stringify(object[key]) === JSON.stringify(value),
      );
      return same ? object : undefined;
    });
  }

  /** Every event so far, each once (after a crash one may come twice), as they first came. */
  events(matches: Json = {}): EventMessage[] {
    const ids = new Set<string>();
    const found: EventMessage[] = [];
    for (const { topic, text } of this.messages) {
      if (topic !== this.topic('event')) continue;
      const event: EventMessage = JSON.parse(text);
      if (ids.has(event.id)) continue;
      ids.add(event.id);
      if (Object.entries(matches).every(([key, value]) => event[key] === value)) found.push(event);
    }
    return found;
  }

  /** Waits for the n-th event with these values. */
  event(type: string, matches: Json = {}, count = 1): Promise<EventMessage> {
    return this.until(`event ${count} of ${type} ${JSON.stringify(matches)}`, () =>
      this.events({ ...matches, type }).at(count - 1),
    );
  }

  /** The types of a worker's events, without progress. */
  story(worker: string | null, leaveOut: readonly string[] = ['progress']): string[] {
    return this.events({ worker })
      .map(({ type }) => type)
      .filter((type) => !leaveOut.includes(type));
  }

  /** Sends a command and resolves with its answer, known by a transaction where the payload is an object. */
  async command(rest: string, payload: string | Json = ''): Promise<AnswerMessage> {
    this.#commands += 1;
    const transaction = `test-${this.#commands}`;
    const from = this.mark();
    const named = typeof payload === 'string' ? payload : { transaction, ...payload };
    await this.publish(rest, named);
    const { text } = await this.message(
      `bridge/response/${rest.replace(/^bridge\/request\//, '')}`,
      (answer) => typeof payload === 'string' || JSON.parse(answer).transaction === transaction,
      from,
    );
    return JSON.parse(text);
  }
}

/** What a broker has retained at this moment, by topic. */
export async function retainedOn(url: string, options: IClientOptions = {}): Promise<Map<string, Message>> {
  // Brokers differ in when they hand out what is retained: all at once before anything that is published after the
  // subscription (Mosquitto), or from the oldest to the newest, in between (the embedded one).
  const sentinel = `sentinel/${Math.random().toString(36).slice(2)}`;
  const helper = await mqtt.connectAsync(url, options);
  await helper.publishAsync(sentinel, 'kept', { qos: 1, retain: true });
  const bus = await Bus.connect(url, 'plot2mqtt', options);
  await helper.publishAsync(sentinel, 'now', { qos: 1 });
  for (const wanted of ['kept', 'now'])
    await bus.until('the sentinel', () =>
      bus.messages.find(({ topic, text }) => topic === sentinel && text === wanted),
    );
  await helper.publishAsync(sentinel, '', { qos: 1, retain: true });
  await Promise.all([bus.end(), helper.endAsync()]);
  const retained = bus.messages.filter(({ topic, retain }) => retain && topic !== sentinel);
  return new Map(retained.map((message) => [message.topic, message]));
}
