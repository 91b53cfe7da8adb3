import type { FreeForm } from '../config/mask-json.ts';
import type { Logger } from '../util/log.ts';
import { type DeviceReader, Devices } from './devices.ts';
import { DocumentParts, MAX_DOCUMENT_BYTES } from './document-parts.ts';
import type { Document, Frame } from './device-document.ts';
import { isFreeName, isStateTopic } from './documents.ts';
import { isOwnTopic, subjectOf } from './ids.ts';
import { KnownFileSystems } from './known-file-systems.ts';
import { PublishPlan } from './publish-plan.ts';
import { type PublishedBefore, PublishedFile } from './published-file.ts';
import { removalDocument } from './removal-documents.ts';
import { Removals } from './removals.ts';

/** The part of MQTT that discovery needs. */
export interface Broker {
  retain(topic: string, payload: string, isFree: FreeForm): void;
  forget(topic: string): void;
  again(which: (topic: string) => boolean): void;
  settled(callback: () => void): void;
  /** The largest packet that it takes, in bytes, as far as that is known. */
  packetLimit(): number;
  /** Calls back on each connection. */
  onConnected(callback: () => void): void;
  sub(
    filter: string,
    handler: (message: { topic: string; payload: Buffer; retained: boolean }) => void,
    options?: { news?: boolean },
  ): void;
}

export interface DiscoveryOptions extends Frame {
  /** `homeassistant.discovery`; without it, what an earlier run published is cleared. */
  enabled: boolean;
  statusTopic: string;
  /** Where what was published is remembered. */
  file: string;
  reader: DeviceReader;
  /** What is left out, in words, is another now. */
  onLeftOut(problems: readonly string[]): void;
  broker: Broker;
  log: Logger;
}

/** Changes are looked at together, so long after the first of them. */
const LOOK_MS = 200;
/** On Home Assistant's birth all its integrations are at work: states come again a random while later. */
const JITTER_MS = { least: 500, most: 3_000 };

/** Shows the jobs to Home Assistant as devices. */
export class Discovery {
  readonly #options: DiscoveryOptions;
  readonly #plan = new PublishPlan();
  readonly #removals = new Removals();
  readonly #parts = new DocumentParts();
  #limit = MAX_DOCUMENT_BYTES;
  #leftOut = '[]';
  readonly #devices: Devices;
  readonly #file: PublishedFile;
  readonly #before: PublishedBefore;
  readonly #fileSystems: KnownFileSystems;
  /** Another one means other documents for the same jobs. */
  readonly #maker: string;
  readonly #changed = new Set<string>();
  readonly #changedMoves = new Set<string>();
  #look: NodeJS.Timeout | undefined;
  #wake: NodeJS.Timeout | undefined;
  #birth: NodeJS.Timeout | undefined;
  #running = false;
  /** What stands, and the file that remembers it, are those of another one now. */
  #left = false;

  constructor(options: DiscoveryOptions) {
    this.#options = options;
    this.#file = new PublishedFile(options.file, options.log);
    this.#before = this.#file.read();
    this.#fileSystems = new KnownFileSystems(this.#before.fileSystems);
    const plan = {
      want: (document: Document) => this.#want(document),
      unwant: (topic: string) => {
        for (const part of this.#parts.forget(topic)) this.#plan.unwant(part);
      },
    };
    this.#devices = new Devices(options, options.reader, plan, this.#fileSystems);
    this.#maker = `${options.version} ${options.base}`;
  }

  /** All jobs can be read now: publishes what is to be, clears what is no more. */
  start(): void {
    const { maker, documents, removals } = this.#before;
    const old = maker !== this.#maker;
    // Of another instance stands what the daemon has published whose data_dir this is a copy of.
    const isOurs = ([topic]: [string, unknown]) => subjectOf(this.#options.instance, topic) !== undefined;
    for (const [topic, components] of [...documents].filter(isOurs)) {
      this.#plan.remember(topic, components, old);
      this.#parts.remember(topic, components);
    }
    this.#limit = this.#packetLimit();
    for (const [topic, components] of [...removals].filter(isOurs))
      this.#removals.remember(topic, components);
    this.#running = this.#options.enabled;
    if (this.#running) this.#devices.all();
    if (this.#running || documents.size > 0 || removals.size > 0) this.#listen();
    this.#publish();
  }

  stop(): void {
    this.#running = false;
    for (const timer of [this.#look, this.#wake, this.#birth]) clearTimeout(timer);
  }

  /** Stops, and lets what stands at the broker be: it isn't published again on the next connection. */
  leave(): void {
    this.stop();
    this.#left = true;
    this.#file.stop();
    for (const [topic] of this.#plan.standing()) this.#options.broker.forget(topic);
  }

  /** A job is new, gone or changed. Cheap: it is looked at later. */
  jobChanged(id: string): void {
    if (!this.#running) return;
    this.#changed.add(id);
    this.#lookLater();
  }

  /** The same for a move. */
  moveChanged(id: string): void {
    if (!this.#running) return;
    this.#changedMoves.add(id);
    this.#lookLater();
  }

  #lookLater(): void {
    this.#look ??= setTimeout(() => {
      this.#look = undefined;
      for (const changed of this.#changed) this.#devices.job(changed);
      for (const changed of this.#changedMoves) this.#devices.move(changed);
      this.#changed.clear();
      this.#changedMoves.clear();
      this.#publish();
    }, LOOK_MS);
  }

  /** Holds or file systems may be others now. */
  bridgeChanged(): void {
    if (!this.#running) return;
    if (this.#devices.bridge()) this.#publish();
    else this.#remember();
  }

  #listen(): void {
    const { prefix, instance, statusTopic, broker, log } = this.#options;
    broker.sub(
      `${prefix}/device/+/config`,
      ({ topic, payload }) => {
        if (this.#left || payload.length > 0 || !isOwnTopic(prefix, instance, topic)) return;
        if (!this.#plan.clearedByOthers(topic)) return;
        log.info({ topic }, 'A device was deleted in Home Assistant: it stays away until it changes');
        broker.forget(topic);
      },
      { news: true },
    );
    broker.sub(statusTopic, ({ payload, retained }) => {
      if (this.#left || retained) return;
      if (payload.toString() === 'online') this.#born();
      else this.#homeAssistantLeft();
    });
    // Home Assistant may be back later than we are, or not at all.
    broker.onConnected(() => {
      if (this.#left) return;
      this.#homeAssistantLeft();
      this.#lookAtLimit();
    });
  }

  #homeAssistantLeft(): void {
    this.#removals.homeAssistantLeft(performance.now());
    this.#remember();
  }

  #packetLimit(): number {
    return Math.min(MAX_DOCUMENT_BYTES, this.#options.broker.packetLimit());
  }

  /** Another broker may take less, or more. */
  #lookAtLimit(): void {
    const limit = this.#packetLimit();
    if (!this.#running || limit === this.#limit) return;
    this.#limit = limit;
    this.#devices.again();
    this.#publish();
  }

  #want(document: Document): void {
    const { documents, gone } = this.#parts.split(document, this.#limit);
    for (const part of documents) {
      // What another part has now is there too.
      this.#removals.published(part.topic, document.components);
      this.#plan.want(part);
    }
    for (const topic of gone) this.#plan.unwant(topic);
    const problems = this.#parts.problems();
    const leftOut = JSON.stringify(problems);
    if (leftOut === this.#leftOut) return;
    this.#leftOut = leftOut;
    this.#options.onLeftOut(problems);
  }

  /** Home Assistant is up: it gets all states, and the documents, or their ends, that it may have missed. */
  #born(): void {
    const wait = JITTER_MS.least + Math.random() * (JITTER_MS.most - JITTER_MS.least);
    this.#birth ??= setTimeout(() => {
      this.#birth = undefined;
      this.#plan.born(performance.now());
      const repeated = this.#removals.repeat(
        (topic) => this.#plan.wanted(topic),
        (topic, lost, wanted) => removalDocument(this.#options, topic, lost, wanted),
      );
      for (const document of repeated) this.#plan.want(document);
      this.#publish();
      for (const [topic, wanted] of this.#removals.settle()) {
        if (wanted) this.#plan.want(wanted);
        else this.#plan.unwant(topic);
      }
      this.#publish();
      this.#options.broker.again((topic) => isStateTopic(this.#options.base, topic));
    }, wait);
  }

  /** Does what is to be done now. What goes out for the first time is remembered before. */
  #publish(): void {
    clearTimeout(this.#wake);
    const { broker, base } = this.#options;
    const { steps, next } = this.#plan.take(performance.now());
    if (steps.length > 0) this.#remember();
    for (const { topic, payload, again, confirm, lost } of steps) {
      if (confirm) this.#removals.removed(topic, this.#plan.leaving(topic, lost), performance.now());
      if (again) broker.forget(topic);
      broker.retain(topic, payload, isFreeName(base));
    }
    const unconfirmed = steps.filter(({ confirm }) => confirm);
    if (unconfirmed.length > 0)
      broker.settled(() => {
        if (this.#left) return;
        for (const { topic } of unconfirmed) this.#plan.confirmed(topic, performance.now());
        this.#remember();
        this.#publish();
      });
    if (next !== null)
      this.#wake = setTimeout(() => this.#publish(), Math.max(0, Math.ceil(next - performance.now())));
  }

  #remember(): void {
    const days = this.#fileSystems.days();
    this.#file.write(this.#maker, this.#plan.standing(), this.#removals.entries(), days);
  }
}
