import type { Answer, Command } from '../../contract/commands.ts';
import type { CommandError } from '../../contract/error-codes.ts';
import type { Topics } from '../../contract/topics.ts';
import type { Logger } from '../../util/log.ts';
import { commandOf } from './command-table.ts';
import { filterMatches } from '../filter-matches.ts';
import { CommandRefusal, readPayload } from './payloads.ts';
import type { Message, Publication } from '../connection/session.ts';

export interface CommandsOptions {
  topics: Topics;
  execute(command: Command): Promise<Answer>;
  /** Publishes an answer; what it tells of must be on its way before. */
  answer(message: Publication): void;
  /** Whether the broker takes a message as large as this. */
  fits(message: Publication): boolean;
  /** Clears what is retained on a command's topic. */
  clear(topic: string): void;
  log: Logger;
}

/** Commands under way at once; those that wait for a plotter to end take seconds. */
const MAX_UNDER_WAY = 1000;
/** MQTT's bound on the length of a topic, in bytes (MQTT 5, section 1.5.4). */
const MAX_TOPIC_BYTES = 65_535;
/** How long an echo of our own clearing may take to come back, in milliseconds. */
const ECHO_MS = 10_000;
/** With MQTT 5 no echo comes (No Local), so what is expected must be bounded. */
const MAX_ECHOES = 1000;

const error = (refusal: CommandError): Answer => ({ status: 'error', error: refusal });

/** Commands in, answers out: each message on a command topic gets exactly one answer. */
export class Commands {
  readonly #options: CommandsOptions;
  readonly #echoes = new Map<string, number>();
  #underWay = 0;

  constructor(options: CommandsOptions) {
    this.#options = options;
  }

  /** Takes a message on any of the command filters; others are none of its business. */
  receive(message: Message): void {
    const { topics, log } = this.#options;
    if (!topics.commandFilters.some((filter) => filterMatches(filter, message.topic))) return;
    if (message.payload.length === 0 && (message.retained || this.#isEcho(message.topic))) return;
    if (message.retained) {
      log.warn({ topic: message.topic }, 'A retained command was not executed, and is cleared');
      this.#expectEcho(message.topic);
      this.#options.clear(message.topic);
      const text =
        'a retained command would be executed again at each restart: publish it without the retain flag';
      this.#answer(
        message,
        transactionOf(message),
        error({ code: 'not_allowed', message: text, path: null }),
      );
      return;
    }
    void this.#execute(message);
  }

  #expectEcho(topic: string): void {
    const [oldest] = this.#echoes.keys();
    if (this.#echoes.size >= MAX_ECHOES && oldest !== undefined) this.#echoes.delete(oldest);
    this.#echoes.set(topic, performance.now() + ECHO_MS);
  }

  /**
   * Our own clearing of a retained command comes back as an empty message, which MQTT 3.1.1 doesn't mark as retained,
   * and which is no command.
   */
  #isEcho(topic: string): boolean {
    const until = this.#echoes.get(topic);
    this.#echoes.delete(topic);
    return until !== undefined && performance.now() < until;
  }

  async #execute(message: Message): Promise<void> {
    const { topics, execute, log } = this.#options;
    let transaction: unknown;
    let answer: Answer;
    try {
      const read = commandOf(message.topic.slice(topics.base.length + 1));
      const payload = readPayload(message.payload);
      transaction = payload.kind === 'object' ? payload.transaction : undefined;
      const command = read(payload);
      if (this.#underWay >= MAX_UNDER_WAY)
        throw new CommandRefusal('limit_reached', 'too many commands are under way: try again later');
      this.#underWay += 1;
      answer = await execute(command).finally(() => {
        this.#underWay -= 1;
      });
    } catch (thrown) {
      if (thrown instanceof CommandRefusal) {
        transaction ??= transactionOf(message);
        answer = error(thrown.refusal);
      } else {
        log.error({ err: thrown, topic: message.topic }, 'A command failed');
        answer = error({ code: 'internal', message: 'the command failed: see the log', path: null });
      }
    }
    this.#answer(message, transaction, answer);
  }

  #answer(message: Message, transaction: unknown, answer: Answer): void {
    const { topics } = this.#options;
    const { responseTopic, correlationData } = message;
    const rest = message.topic.slice(topics.base.length + 1).replace(/^bridge\/request\//, '');
    const topic = topics.response(rest);
    const payload = JSON.stringify(transaction === undefined ? answer : { ...answer, transaction });
    if (Buffer.byteLength(topic) <= MAX_TOPIC_BYTES)
      this.#send({ topic, payload, retain: false }, transaction);
    if (responseTopic !== undefined && this.#mayAnswerOn(responseTopic))
      this.#send({ topic: responseTopic, payload, retain: false, correlationData }, transaction);
  }

  #send(message: Publication, transaction: unknown): void {
    const { fits, answer } = this.#options;
    if (fits(message)) return answer(message);
    const text = 'the answer is larger than the broker takes';
    const refusal = error({ code: 'internal', message: text, path: null });
    answer({ ...message, payload: JSON.stringify({ ...refusal, transaction }) });
  }

  /** Below our base topic, answers go nowhere but to the answers: nobody makes us send ourselves commands or states. */
  #mayAnswerOn(topic: string): boolean {
    if (topic === '' || topic.startsWith('$') || /[+#\0]/.test(topic)) return false;
    const { base } = this.#options.topics;
    return !topic.startsWith(`${base}/`) || topic.startsWith(`${base}/bridge/response/`);
  }
}

/** The transaction of a command that is refused before its payload is looked at. */
function transactionOf(message: Message): unknown {
  try {
    const payload = readPayload(message.payload);
    return payload.kind === 'object' ? payload.transaction : undefined;
  } catch {
    return undefined;
  }
}
