import type { Input } from '../../engine/inputs.ts';
import type { Moment } from '../../engine/surroundings.ts';
import { onlyStops } from '../../engine/unstored.ts';
import type { Signal } from '../../plotters/signal.ts';

/** With more than this, a run's log is kept as one: what it said last of each stage, without the times. */
const MANY = 20_000;

type LogInput = Extract<Input, { type: 'log' }>;
type CommandInput = Extract<Input, { type: 'command' }>;

/** Something that happened and isn't written down yet. */
export interface Held {
  readonly key: number;
  readonly input: Input;
  /** When it happened. */
  readonly at: Moment;
}

/** What happened and can't be written down yet, in order, in memory that doesn't grow for ever. */
export class HeldInputs {
  readonly #held = new Map<number, Held>();
  /** The last one of each run or worker: what a log says next may be put together with it. */
  readonly #lastOf = new Map<string, number>();
  #lastAcked = 0;
  #lastKey = 0;
  #lastEnd = 0;
  #inHand = 0;

  get size(): number {
    return this.#held.size;
  }

  /** The oldest, which stays; it is what is being dealt with. */
  first(): Held | undefined {
    const first = this.#held.values().next().value;
    this.#inHand = first?.key ?? 0;
    return first;
  }

  /** Whether it may be written with the reserve: a stop, the end of a worker, or what came before one. */
  mayUseReserve({ key, input }: Held): boolean {
    return key <= this.#lastEnd && input.type !== 'probed' && input.type !== 'matched';
  }

  add(input: Input, at: Moment): void {
    const kept = this.#merged(input);
    this.#lastKey += 1;
    this.#held.set(this.#lastKey, { key: this.#lastKey, input: kept, at });
    const subject = subjectOf(kept);
    if (subject !== null) this.#lastOf.set(subject, this.#lastKey);
    if (kept.type === 'acked') this.#lastAcked = this.#lastKey;
    if (isEnd(kept)) this.#lastEnd = this.#lastKey;
  }

  drop({ key, input }: Held): void {
    this.#held.delete(key);
    const subject = subjectOf(input);
    if (subject !== null && this.#lastOf.get(subject) === key) this.#lastOf.delete(subject);
  }

  /** The command, if it is still among them. */
  find(command: CommandInput): Held | undefined {
    for (const held of this.#held.values()) if (held.input === command) return held;
    return undefined;
  }

  /** Whether a command is among them. */
  hasCommands(): boolean {
    for (const { input } of this.#held.values()) if (input.type === 'command') return true;
    return false;
  }

  /** Whether the same was asked for before: to stop twice is to stop once. */
  isRepeated({ key, input }: Held): boolean {
    if (input.type !== 'command') return false;
    const text = JSON.stringify(input.command);
    for (const other of this.#held.values())
      if (other.key < key && other.input.type === 'command' && JSON.stringify(other.input.command) === text)
        return true;
    return false;
  }

  /** An input with what it takes the place of, which goes. */
  #merged(input: Input): Input {
    if (input.type === 'acked' && this.#lastAcked !== this.#inHand) this.#held.delete(this.#lastAcked);
    if (input.type !== 'log') return input;
    const key = this.#lastOf.get(input.run) ?? 0;
    const before = this.#held.get(key)?.input;
    if (before?.type !== 'log' || key === this.#inHand || before.nth !== input.nth) return input;
    if (this.#held.size <= MANY && !saysTheSame(before, input)) return input;
    this.#held.delete(key);
    return { ...input, signals: lastOfEach([...before.signals, ...input.signals]) };
  }
}

/** The run or worker that an input is about. */
function subjectOf(input: Input): string | null {
  if ('run' in input) return input.run;
  if ('owner' in input) return input.owner;
  return 'worker' in input ? input.worker : null;
}

/**
 * Stops, ends of workers and what leads to one: what the reserve is for. A pre-command that went well ends nothing. Nor
 * can a worker be stopped before it is found again.
 */
export function isEnd(input: Input): boolean {
  switch (input.type) {
    case 'command':
      return onlyStops(input.command);
    case 'exited':
      return input.kind !== 'pre' || input.exit.code !== 0;
    case 'recover':
    case 'launch_failed':
    case 'plot_seen':
    case 'replot_found':
    case 'replot_removed':
    case 'room_made':
    case 'cleaned':
      return true;
    default:
      return false;
  }
}

/** Whether the later one leaves nothing of the earlier: progress inside one stage, the same kind of error. */
function saysTheSame(earlier: LogInput, later: LogInput): boolean {
  const kinds = new Set([...earlier.signals, ...later.signals].map(kindOf));
  const [kind = ''] = kinds;
  return kinds.size === 1 && /^(inside|error|goes_on)/.test(kind);
}

function lastOfEach(signals: readonly Signal[]): Signal[] {
  const last = new Map<string, Signal>();
  for (const signal of signals) {
    const kind = kindOf(signal);
    last.delete(kind);
    last.set(kind, signal);
  }
  return [...last.values()];
}

function kindOf(signal: Signal): string {
  // One that waits is told when it begins, and one that is fatal counts, whatever error comes after it.
  if (signal.type === 'error') return signal.fatal ? 'error fatal' : signal.waits ? 'error waits' : 'error';
  return 'stage' in signal ? `${signal.type} ${signal.stage}` : signal.type;
}
