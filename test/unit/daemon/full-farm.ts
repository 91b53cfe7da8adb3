import { pino } from 'pino';
import type { Answer } from '../../../src/contract/commands.ts';
import type { EngineEvent } from '../../../src/contract/events.ts';
import { JournalledEngine } from '../../../src/daemon/journalled-engine/journalled-engine.ts';
import type { Effect } from '../../../src/engine/effects.ts';
import type { EngineCommand, Input } from '../../../src/engine/inputs.ts';
import type { Settings } from '../../../src/engine/memory.ts';
import { toSnapshot } from '../../../src/engine/model/snapshot.ts';
import { emptyState, type State } from '../../../src/engine/model/state.ts';
import { StorageWriteError } from '../../../src/storage/append.ts';
import type { JournalWriter } from '../../../src/storage/journal/journal-types.ts';
import type { Reserve } from '../../../src/storage/reserve.ts';
import { Farm } from '../engine/farm.ts';
import { jobOf, smallPlotter } from '../engine/plotter.ts';
import { restored } from '../engine/replay.ts';

/** How the disk of the state is; a reserve of some steps helps where it is full. */
export type Disk = 'fine' | 'full' | 'broken';

const SETTINGS: Settings = {
  plotters: new Map([['small', { definition: smallPlotter(), arguments: {}, command: 'small_plotter' }]]),
  defaults: { farmer_key: 'key', temp_dir: '/tmp1', dest_dir: '/dest' },
  directory: '/etc/plot2mqtt',
  progress_interval_ms: 0,
  holds: new Map(),
  disks: [],
  moves: new Map(),
  time_zone: 'UTC',
  limits: new Map(),
  allow_replot_over_mqtt: false,
};

/** Jobs that start each other for ever, one of them with commands around its plotter. */
const JOBS = new Map([
  [
    'first',
    jobOf({
      max_workers: 2,
      pre_command: 'pre',
      post_command: 'post',
      replot: { before: '2026-01-01T00:00:00Z' },
      events: [{ fire: 'next', on: 'worker_end', delay: 5 }],
      starts: [{ on: 'again' }, { on: '@startup' }],
    }),
  ],
  [
    'second',
    jobOf({ max_workers: 3, events: [{ fire: 'again', on: 'worker_end' }], starts: [{ on: 'next' }] }),
  ],
]);

interface Sent {
  command: EngineCommand;
  /** Whether its answer may not wait for anything, a plotter's end included. */
  atOnce: boolean;
  answer: Answer | null;
}

/** A journalled engine whose disk fills and breaks, over a farm of processes that do what they are told. */
export class FullFarm {
  readonly farm = new Farm();
  readonly published: EngineEvent[] = [];
  readonly sent: Sent[] = [];
  /** What was begun although the state could not be written. */
  readonly begunUnstored: Effect[] = [];
  disk: Disk = 'fine';
  engine: JournalledEngine;
  snapshot = JSON.stringify(toSnapshot(emptyState('farm')));
  lines: string[] = [];
  #pieces: number;
  readonly #allPieces: number;
  #randoms = 0;
  #dead: { yes: boolean } = { yes: false };

  /** `pieces`: how many steps the reserve takes. */
  constructor(pieces = 3) {
    this.#pieces = pieces;
    this.#allPieces = pieces;
    this.farm.oldPlots.push({ file: '/dest/a.plot', size: 1 }, { file: '/dest/b.plot', size: 1 });
    this.engine = this.#boot();
  }

  /** The state as the files tell it. */
  written(): State {
    return restored(this.snapshot, this.lines);
  }

  /** The daemon dies, and comes up again on a disk that takes what it says, or on one that doesn't. */
  crash(disk: Disk = 'fine'): void {
    this.#dead.yes = true;
    this.disk = disk;
    this.farm.forget();
    for (const each of this.sent) each.answer ??= { status: 'ok', data: null };
    this.engine = this.#boot();
  }

  send(command: EngineCommand): void {
    const waitsForEnds = /^(dismiss|stop_farm)/.test(command.type) && this.disk !== 'broken';
    const atOnce = this.engine.storage === 'failing' && this.disk !== 'fine' && !waitsForEnds;
    const sent: Sent = { command, atOnce, answer: null };
    this.sent.push(sent);
    void this.engine.command(command).then((answer) => {
      sent.answer = answer;
    });
  }

  take(input: Input | null): void {
    if (input) this.engine.take(input);
  }

  #boot(): JournalledEngine {
    const dead = { yes: false };
    this.#dead = dead;
    const engine = new JournalledEngine({
      journal: this.#journal(dead),
      reserve: this.#reserve(),
      settings: SETTINGS,
      surroundings: {
        now: () => Date.now(),
        steady: () => Date.now(),
        slept: () => 0,
        timescale: () => null,
        start: `s${++this.#randoms}`,
        random: () => `r${++this.#randoms}`,
        dateOf: (at) => new Date(at).toISOString().slice(0, 10),
      },
      state: this.written(),
      log: pino({ level: 'silent' }),
    });
    this.engine = engine;
    engine.start({
      perform: (effect) => {
        if (!dead.yes) this.#perform(engine, effect);
      },
      publish: ({ entry }) => {
        const seen = this.published.at(-1)?.seq ?? 0;
        this.published.push(...(entry?.e ?? []).filter(({ seq }) => seq > seen));
      },
      storageChanged: () => {},
    });
    engine.take({ type: 'configured', jobs: JOBS });
    engine.take({ type: 'recover' });
    engine.take({ type: 'startup' });
    return engine;
  }

  #perform(engine: JournalledEngine, effect: Effect): void {
    if (effect.type === 'wake') {
      if (effect.at !== null)
        setTimeout(
          () => engine === this.engine && engine.take({ type: 'wake', timers: [effect.timer] }),
          effect.at - Date.now(),
        );
      return;
    }
    const begins =
      effect.type === 'probe' || (effect.type === 'run' && !isDismissed(engine.state, effect.owner));
    if (begins && engine.storage === 'failing') this.begunUnstored.push(effect);
    this.farm.outstanding.push(effect);
  }

  /** Does one thing that was asked for. */
  work(which: number): void {
    const { outstanding } = this.farm;
    const [work] = outstanding.splice(outstanding.length === 0 ? 0 : which % outstanding.length, 1);
    if (!work) return;
    const { state } = this.engine;
    if (work.type === 'run' && isDismissed(state, work.owner))
      return this.take({ type: 'launch_failed', owner: work.owner, kind: work.kind, message: 'dismissed' });
    this.take(this.farm.perform(work, state, Date.now()));
  }

  #journal(dead: { yes: boolean }): JournalWriter {
    const farm = this;
    return {
      append(entry) {
        if (dead.yes) throw new Error('this daemon is dead');
        farm.#expectRoom();
        farm.lines.push(JSON.stringify(entry));
      },
      size: () => 0,
      snapshotSize: () => 0,
      compact(snapshot) {
        farm.#expectRoom();
        farm.snapshot = JSON.stringify(snapshot);
        farm.lines = [];
      },
      close: () => {},
    };
  }

  /** The pieces of the reserve that were given up are room for a step each. */
  #room = 0;

  #expectRoom(): void {
    if (this.disk === 'fine') return;
    if (this.disk === 'full' && this.#room > 0) {
      this.#room -= 1;
      return;
    }
    const code = this.disk === 'full' ? 'ENOSPC' : 'EIO';
    throw new StorageWriteError('journal', Object.assign(new Error(code), { code }), false);
  }

  #reserve(): Reserve {
    return {
      release: () => {
        if (this.#pieces === 0 || this.disk === 'broken') return false;
        this.#pieces -= 1;
        this.#room += 1;
        return true;
      },
      make: () => {
        if (this.disk !== 'fine') return false;
        this.#pieces = this.#allPieces;
        this.#room = 0;
        return true;
      },
    };
  }
}

function isDismissed({ runs, workers }: State, id: string): boolean {
  return runs.get(workers.get(id)?.run ?? id)?.dismissed === true;
}
