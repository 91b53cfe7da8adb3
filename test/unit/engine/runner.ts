import type { Answer } from '../../../src/contract/commands.ts';
import type { EngineEvent } from '../../../src/contract/events.ts';
import type { Effect } from '../../../src/engine/effects.ts';
import { freshMemory, step } from '../../../src/engine/engine.ts';
import type { Input } from '../../../src/engine/inputs.ts';
import type { Memory, Settings } from '../../../src/engine/memory.ts';
import { toSnapshot } from '../../../src/engine/model/snapshot.ts';
import type { Timescale } from '../../../src/engine/model/meta.ts';
import { emptyState, type State } from '../../../src/engine/model/state.ts';
import type { Outcome } from '../../../src/engine/outcome.ts';
import type { Surroundings } from '../../../src/engine/surroundings.ts';
import { type Timer, timerKey } from '../../../src/engine/timer.ts';
import { Farm } from './farm.ts';
import { manyPlotter, smallPlotter } from './plotter.ts';
import { restored } from './replay.ts';

/** 2026-11-23 09:00 UTC: where every story begins. */
export const BEGINNING = Date.UTC(2026, 10, 23, 9);

/**
 * The engine with a clock that stands until it is moved, a journal in memory, and a farm that does what the
 * engine asks for at once, but for what is held with `hold`.
 */
export class Runner {
  now = BEGINNING;
  /** By how much the steady clock is ahead of the host's, which was set. */
  ahead = 0;
  /** How long the host has slept. */
  slept = 0;
  /** The scale of the steady clock; `null`: it can't go on after a restart. */
  timescale: Timescale | null = null;
  state: State;
  memory: Memory;
  readonly farm: Farm;
  readonly settings: Settings;
  /** Every event since the beginning. */
  readonly events: EngineEvent[] = [];
  /** Every effect that was asked for since the beginning. */
  readonly asked: Effect[] = [];
  readonly answers = new Map<number, Answer>();
  /** The journal, as text: what is written can't be changed any more. */
  readonly journal: string[] = [];
  readonly wakes = new Map<string, { timer: Timer; at: number }>();
  snapshot: string;
  flushes = 0;
  /** Looks at each input before it is taken in. */
  before: (input: Input) => void = () => {};
  /** Looks at what came of it. */
  after: (outcome: Outcome) => void = () => {};
  #randoms = 0;

  constructor(settings: Partial<Settings> = {}) {
    this.settings = {
      plotters: new Map([
        ['small', { definition: smallPlotter(), arguments: {}, command: 'small_plotter' }],
        ['many', { definition: manyPlotter(), arguments: {}, command: 'many_plotter' }],
        [
          'graceful',
          { definition: manyPlotter({ finish: 'SIGTERM' }), arguments: {}, command: 'many_plotter' },
        ],
      ]),
      defaults: { farmer_key: 'key', temp_dir: '/tmp1', dest_dir: '/dest' },
      directory: '/etc/plot2mqtt',
      progress_interval_ms: 0,
      holds: new Map(),
      disks: [],
      moves: new Map(),
      time_zone: 'UTC',
      limits: new Map(),
      allow_replot_over_mqtt: false,
      ...settings,
    };
    this.state = emptyState('bench');
    this.memory = freshMemory(this.settings);
    this.snapshot = this.snapshotNow();
    this.farm = new Farm();
  }

  readonly surroundings: Surroundings = {
    now: () => this.now,
    steady: () => this.now + this.ahead,
    slept: () => this.slept,
    timescale: () => this.timescale,
    random: () => {
      this.#randoms += 1;
      return `r${this.#randoms}`;
    },
    start: 'start',
    dateOf: (at) => new Date(at).toISOString().slice(0, 10),
  };

  /** Takes an input in, and lets the farm do what came of it. */
  feed(input: Input): Outcome {
    const outcome = this.feedOnly(input);
    this.work();
    return outcome;
  }

  /** Takes an input in; nothing of what came of it is done. */
  feedOnly(input: Input): Outcome {
    this.before(input);
    const outcome = step(this.state, this.memory, this.surroundings, input);
    if (outcome.entry) this.journal.push(JSON.stringify(outcome.entry));
    if (outcome.flush) this.flushes += 1;
    this.events.push(...(outcome.entry?.e ?? []));
    for (const { ticket, answer } of outcome.answers) this.answers.set(ticket, answer);
    for (const effect of outcome.effects) {
      this.asked.push(effect);
      if (effect.type !== 'wake') this.farm.outstanding.push(effect);
      else this.#set(effect.timer, effect.at);
    }
    this.after(outcome);
    return outcome;
  }

  /** One that is moved comes after those that were set before, as in the daemon. */
  #set(timer: Timer, at: number | null): void {
    const key = timerKey(timer);
    if (this.wakes.get(key)?.at === at) return;
    this.wakes.delete(key);
    if (at !== null) this.wakes.set(key, { timer, at });
  }

  /** Lets the farm do all that is asked for and not held. */
  work(): void {
    for (
      let input = this.farm.next(this.state, this.now);
      input;
      input = this.farm.next(this.state, this.now)
    )
      this.feedOnly(input);
  }

  /** The farm leaves these to be done later. */
  hold(...types: Effect['type'][]): void {
    for (const type of types) this.farm.held.add(type);
  }

  /** The farm goes on with these. */
  release(...types: Effect['type'][]): void {
    for (const type of types) this.farm.held.delete(type);
    this.work();
  }

  /** Time goes by, with every wake-up on its way; those of one moment come together. */
  pass(ms: number): void {
    const end = this.now + ms;
    for (let next = this.#nextWake(); next <= end; next = this.#nextWake()) {
      this.now = Math.max(this.now, next);
      const due = [...this.wakes].filter(([, { at }]) => at === next);
      for (const [key] of due) this.wakes.delete(key);
      this.feed({ type: 'wake', timers: due.map(([, { timer }]) => timer) });
    }
    this.now = end;
  }

  #nextWake(): number {
    return Math.min(...[...this.wakes.values()].map(({ at }) => at));
  }

  /** The state as a snapshot holds it. */
  snapshotNow(): string {
    return JSON.stringify(toSnapshot(this.state));
  }

  /** A snapshot is written, the journal begins anew. */
  compact(): void {
    this.snapshot = this.snapshotNow();
    this.journal.length = 0;
  }

  /** The daemon dies: what is in its memory is lost, the farm stays. It doesn't come up yet. */
  crash(): void {
    this.state = restored(this.snapshot, this.journal);
    this.memory = freshMemory(this.settings);
    this.wakes.clear();
    this.answers.clear();
    this.farm.forget();
  }
}
