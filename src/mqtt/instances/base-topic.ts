import { randomUUID } from 'node:crypto';
import type { Logger } from '../../util/log.ts';
import type { Connection } from '../connection/connection.ts';
import type { Door } from '../door.ts';
import { isFreeForm } from '../free-form.ts';
import { MaskedMessage } from '../masked-message.ts';
import type { Installation } from '../options.ts';
import type { Message, Publication, Session } from '../connection/session.ts';
import { BaseTopicTakenError, takenText } from './base-topic-taken.ts';
import { type Findings, InstanceWatch, type Rival } from './watch.ts';
import type { Who } from './words.ts';

/** One that has stepped back looks again so often, in milliseconds (contract, section 1). */
const ASK_AGAIN_MS = 60_000;
/** A start waits so long, in milliseconds, to hear whether the base topic is free; then the broker counts as away. */
const START_MS = 5_000;
/** What one that steps back has published here is overwritten after this time, in milliseconds. */
const REPAIR_MS = 1_000;

/** Where nothing is known of an installation but its base topic. */
const NOTHING_ELSE: Installation = {
  whereabouts: () => ({ former: [], document: null }),
  isCopy: () => {},
  movedIn: () => {},
  cleared: () => {},
};

export interface BaseTopicOptions {
  baseTopic: string;
  /** For the log: the broker's address. */
  address: string;
  instance(): string;
  /** Hides what is secret in each message. */
  door: Door;
  installation?: Installation | undefined;
  /** The broker may have had others before this daemon has started: one that is taken then ends it. */
  shared: boolean;
  connection(): Pick<Connection, 'leaveFor' | 'quiet'>;
  /** Publishes an answer, once this daemon is let in. */
  answer(message: Publication): void;
  /** Nobody else is there: this daemon may publish. Below `abandoned` base topics something of its stands still. */
  onFree(session: Session, abandoned: readonly string[]): void;
  /** Another daemon may have published here, and has stepped back. */
  onIntruder(): void;
  log: Logger;
}

/** Keeps two daemons from using one base topic, or two of which one lies in the other. */
export class BaseTopic {
  readonly #options: BaseTopicOptions;
  readonly #installation: Installation;
  readonly #run = randomUUID();
  readonly #begun: Promise<void>;
  #begin: { go: () => void; refuse: (error: BaseTopicTakenError) => void } | undefined;
  #onlineSince: number | undefined;
  #watch: InstanceWatch | undefined;
  #letIn = false;
  #repair: NodeJS.Timeout | undefined;
  #steppedBack: string | null = null;

  constructor(options: BaseTopicOptions) {
    this.#options = options;
    this.#installation = options.installation ?? NOTHING_ELSE;
    this.#begun = new Promise((go, refuse) => {
      this.#begin = { go, refuse };
    });
    this.#begun.catch(() => {});
    if (options.shared) setTimeout(() => this.#mayBegin(), START_MS).unref();
    else this.#mayBegin();
  }

  /** Resolves when this daemon may begin its work; rejects with `BaseTopicTakenError` where another one is there. */
  get begun(): Promise<void> {
    return this.#begun;
  }

  /** Why this daemon publishes nothing; `null` where it does. */
  get steppedBack(): string | null {
    return this.#steppedBack;
  }

  /** The broker is away or refuses: what is to be found out is found out later. */
  brokerIsAway(): void {
    this.#mayBegin();
  }

  saidOnline(): void {
    this.#onlineSince ??= performance.now();
  }

  connected(session: Session): void {
    const { answer, door, onIntruder } = this.#options;
    const watch = new InstanceWatch(session, {
      own: () => this.#own(),
      whereabouts: this.#installation.whereabouts(),
      returning: this.#onlineSince !== undefined,
      door,
      answer: (message) => {
        if (this.#letIn) answer(message);
        else session.publish(new MaskedMessage(message, door, isFreeForm), () => {});
      },
      onRival: (rival) => this.#giveWay(rival),
      onIntruder: () => {
        this.#repair ??= setTimeout(() => {
          this.#repair = undefined;
          onIntruder();
        }, REPAIR_MS).unref();
      },
    });
    this.#watch = watch;
    void watch.survey().then((findings) => {
      if (watch === this.#watch) this.#found(session, findings);
    });
  }

  disconnected(): void {
    this.#watch = undefined;
    this.#letIn = false;
    clearTimeout(this.#repair);
    this.#repair = undefined;
  }

  /** Takes a message; returns whether it was of no concern to anybody else. */
  receive(message: Message): boolean {
    return this.#watch?.receive(message) ?? false;
  }

  #own(): Who {
    const { baseTopic, instance } = this.#options;
    const since = this.#onlineSince;
    return {
      instance: instance(),
      run: this.#run,
      base_topic: baseTopic,
      online_s: since === undefined ? null : (performance.now() - since) / 1000,
    };
  }

  #found(session: Session, { rival, copyOf, abandoned }: Findings): void {
    if (rival) return this.#giveWay(rival);
    const { log, baseTopic } = this.#options;
    if (this.#steppedBack !== null) log.info(`mqtt.base_topic: "${baseTopic}" is free again`);
    this.#steppedBack = null;
    this.#options.connection().quiet = false;
    this.#letIn = true;
    if (copyOf !== null) this.#installation.isCopy(copyOf);
    this.#installation.movedIn(abandoned);
    this.#mayBegin();
    this.#options.onFree(session, abandoned);
  }

  #giveWay(rival: Rival): void {
    const { baseTopic, address, connection, log } = this.#options;
    if (this.#begin) {
      const { refuse } = this.#begin;
      this.#begin = undefined;
      return refuse(new BaseTopicTakenError(rival, baseTopic, address));
    }
    if (this.#steppedBack === null) {
      this.#steppedBack = takenText(rival, baseTopic, address);
      log.error(
        `${this.#steppedBack}. This one was online later: it publishes nothing and takes no commands over MQTT, plots on, and asks again each minute`,
      );
    }
    connection().quiet = true;
    connection().leaveFor(ASK_AGAIN_MS);
  }

  #mayBegin(): void {
    this.#begin?.go();
    this.#begin = undefined;
  }
}
