import fc from 'fast-check';
import type { EngineCommand, Input } from '../../../../src/engine/inputs.ts';
import type { FinishedPlot, TransferEnd } from '../../../../src/engine/moving/facts.ts';
import { minute, second } from '../bench.ts';
import { releases } from '../releases.ts';
import { MovingBench, entryOf, place, plot } from './moving.ts';

/** How a mover ends that nobody stops. `lost`: its plot may be whole in its destination by then, and gone where it was. */
const ENDS = [
  'moved',
  'source',
  'destination',
  'other',
  'pinned',
  'stopped',
  'lost',
  'lost_placed',
  'lost_removed',
] as const;
type End = (typeof ENDS)[number];

export type Happening =
  | { do: 'plot' | 'look' | 'looked' | 'perform' | 'tell' | 'crash' | 'reboot' | 'compact' }
  | { do: 'remove'; which: number }
  | { do: 'end'; which: number; end: End; told: boolean }
  | { do: 'copied'; which: number; bytes: number }
  | { do: 'pass'; ms: number }
  | { do: 'command'; command: EngineCommand }
  | { do: 'place'; which: number; free_bytes: number; missing: boolean }
  | { do: 'configure'; has: boolean };

const which = fc.nat(20);
const command: fc.Arbitrary<EngineCommand> = fc.oneof(
  fc.record({
    type: fc.constant('set_move' as const),
    move: fc.constant('farm'),
    settings: fc.record({ enabled: fc.boolean(), paused: fc.boolean() }, { requiredKeys: [] }),
  }),
  fc.record({
    type: fc.constant('set_hold' as const),
    job: fc.constant(null),
    name: fc.constantFrom('pause', 'drain', 'price'),
    wanted: fc.record(
      { kind: fc.constantFrom('pause' as const, 'no_starts' as const) },
      { requiredKeys: [] },
    ),
  }),
  fc.record({
    type: fc.constant('release_hold' as const),
    job: fc.constant(null),
    name: fc.constantFrom('pause', 'drain', 'price'),
  }),
  fc.constant({ type: 'stop_farm' } as const),
);

/** Anything that may happen, what is usual more often. */
export const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 30,
    arbitrary: fc.record({
      do: fc.constantFrom('perform' as const, 'perform' as const, 'look' as const, 'looked' as const),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constantFrom('plot' as const, 'tell' as const, 'compact' as const) }),
  },
  {
    weight: 12,
    arbitrary: fc.record({
      do: fc.constant('end' as const),
      which,
      end: fc.constantFrom(...ENDS),
      told: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('remove' as const), which }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('copied' as const), which, bytes: fc.nat(100) }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.nat(2 * minute) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('command' as const), command }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('place' as const),
      which,
      free_bytes: fc.constantFrom(50, 150, 1000),
      missing: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('configure' as const), has: fc.boolean() }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constantFrom('crash' as const, 'crash' as const, 'reboot' as const) }),
  },
);

interface Mover {
  transfer: string;
  launch: number;
  file: string;
  to: string;
  /** `null` while it runs. */
  end: TransferEnd | null;
}

/** A move to which everything may happen, and disks that remember where each plot really is. */
export class MoveChaos {
  readonly bench = new MovingBench();
  /** Where each plot is whole, by its file as it was found. */
  readonly wholeIn = new Map<string, Set<string>>();
  /** Plots that were on their way when their move went with config.yaml: nobody knows of them any more. */
  readonly givenUp = new Set<string>();
  /** Plots that somebody has removed where they were. */
  readonly removed = new Set<string>();
  readonly #movers: Mover[] = [];
  /** Ends that the daemon doesn't know yet. */
  readonly #reports: Mover[] = [];
  /** What looks have found that aren't over. */
  readonly #looks: Extract<Input, { type: 'looked_through' }>[] = [];

  constructor() {
    this.bench.hold('look_through', 'survey', 'transfer', 'stop_transfer', 'forget_transfer');
  }

  happen(happening: Happening): void {
    const before = this.bench.transfers.map(({ file }) => file);
    this.#happen(happening);
    if (!this.bench.state.moves.has('farm')) for (const file of before) this.givenUp.add(file);
  }

  #happen(happening: Happening): void {
    const { bench } = this;
    switch (happening.do) {
      case 'plot':
        return this.#makePlot();
      case 'remove':
        return this.#remove(pick(this.#finished(), happening.which));
      case 'look':
        return this.#look();
      case 'looked':
        return this.#take(this.#looks.shift());
      case 'perform':
        return this.perform();
      case 'tell':
        return this.#tell(this.#reports.shift());
      case 'end':
        return this.#end(pick(this.#running(), happening.which), happening.end, happening.told);
      case 'copied': {
        const mover = pick(this.#running(), happening.which);
        return this.#take(
          mover && { type: 'transfer_copied', transfer: mover.transfer, bytes: happening.bytes },
        );
      }
      case 'pass':
        return bench.pass(happening.ms);
      case 'command':
        return void bench.send(happening.command);
      case 'place': {
        const at = happening.which % 2;
        const { free_bytes, missing } = happening;
        const problem = missing ? 'missing' : null;
        bench.farm.places.splice(at, 1, place(`/farm${at + 1}`, { free_bytes, problem }));
        return;
      }
      case 'configure':
        return this.#configure(happening.has);
      case 'compact':
        return bench.compact();
      case 'reboot':
        for (const mover of this.#running()) mover.end = { kind: 'lost', with_host: true };
        return this.#crash();
      case 'crash':
        return this.#crash();
      default:
        happening satisfies never;
    }
  }

  #take(input: Input | undefined): void {
    if (input) this.bench.feedOnly(input);
  }

  #makePlot(): void {
    const made = plot(`p${this.wholeIn.size}`);
    this.wholeIn.set(made.file, new Set());
    this.#setFinished([...this.#finished(), made]);
  }

  /** By hand, wherever it is on its way: it may be whole in its destination already. */
  #remove(plot: FinishedPlot | undefined): void {
    if (!plot) return;
    this.removed.add(plot.file);
    this.#setFinished(this.#finished().filter(({ file }) => file !== plot.file));
  }

  #finished(): FinishedPlot[] {
    return this.bench.farm.finished.get('farm') ?? [];
  }

  #setFinished(plots: FinishedPlot[]): void {
    this.bench.farm.finished.set('farm', plots);
  }

  #look(): void {
    const began = this.bench.surroundings.steady();
    this.#looks.push({ type: 'looked_through', move: 'farm', began, plots: [...this.#finished()] });
  }

  #running(): Mover[] {
    return this.#movers.filter(({ end }) => end === null);
  }

  /** The next thing that the engine has asked for is done. */
  perform(): void {
    const { bench } = this;
    const work = bench.farm.outstanding.shift();
    if (!work) return;
    if (work.type === 'look_through') return this.#look();
    if (work.type === 'transfer') return this.#launch(work.transfer);
    if (work.type === 'stop_transfer') return this.#stop(work.transfer);
    this.#take(bench.farm.perform(work, bench.state, bench.now) ?? undefined);
  }

  #launch(id: string): void {
    const transfer = this.bench.state.transfers.get(id);
    if (transfer?.step !== 'moving') return;
    const { launches: launch, file, to } = transfer;
    const known = this.#movers.find((each) => each.transfer === id && each.launch === launch);
    if (known?.end) return this.#tell(known);
    if (!known) this.#movers.push({ transfer: id, launch, file, to, end: null });
    this.#take({ type: 'transfer_launched', transfer: id, pid: 1 });
  }

  #stop(id: string): void {
    const mover = this.#running().find(({ transfer }) => transfer === id);
    this.#end(mover, 'stopped', true);
  }

  /** A mover ends as it would: one whose plot is whole there makes sure of it, or has failed before it saw that. */
  #end(mover: Mover | undefined, wanted: End, told: boolean): void {
    if (!mover) return;
    const isThere = this.wholeIn.get(mover.file)?.has(mover.to) === true;
    if (this.removed.has(mover.file) && !isThere) {
      mover.end = wanted.startsWith('lost') || wanted === 'stopped' ? endOf(wanted) : GONE;
      return told ? this.#tell(mover) : void this.#reports.push(mover);
    }
    const end = isThere && wanted === 'other' ? 'moved' : wanted;
    if (end === 'moved' || end === 'pinned' || end === 'lost_placed' || end === 'lost_removed')
      this.wholeIn.get(mover.file)?.add(mover.to);
    if (end === 'moved' || end === 'lost_removed')
      this.#setFinished(this.#finished().filter(({ file }) => file !== mover.file));
    mover.end = endOf(
      this.#isGone(mover.file) && end !== 'lost' && end !== 'lost_placed' ? goneAs(end) : end,
    );
    if (told) this.#tell(mover);
    else this.#reports.push(mover);
  }

  #isGone(wanted: string): boolean {
    return this.#finished().every(({ file }) => file !== wanted);
  }

  #tell(mover: Mover | undefined): void {
    if (!mover?.end) return;
    const { transfer, launch, end } = mover;
    this.#take({ type: 'transfer_ended', transfer, launch, end, ended_at: this.bench.surroundings.steady() });
  }

  #configure(has: boolean): void {
    this.bench.settings.moves = has ? new Map([['farm', entryOf()]]) : new Map();
    this.bench.configure({});
  }

  #crash(): void {
    this.bench.crash();
    this.#reports.length = 0;
    this.#looks.length = 0;
    this.bench.comeUp();
  }

  /** Everything that goes on comes to its end, and nothing is in its way any more. */
  windDown(): void {
    const { bench } = this;
    bench.farm.places.splice(
      0,
      2,
      place('/farm1', { free_bytes: 1e9 }),
      place('/farm2', { free_bytes: 1e9 }),
    );
    this.#configure(true);
    for (const release of releases(bench.state)) bench.send(release);
    bench.setMove({ enabled: true, paused: false });
    for (let round = 0; round < 300; round += 1) {
      this.#look();
      while (this.#looks.length + this.#reports.length + bench.farm.outstanding.length > 0) {
        while (this.#reports.length > 0) this.#tell(this.#reports.shift());
        while (this.#looks.length > 0) this.#take(this.#looks.shift());
        this.perform();
      }
      for (const mover of this.#running()) this.#end(mover, 'moved', true);
      bench.pass(minute + second);
      // What has failed for good waits until somebody has looked after it.
      bench.setMove({ enabled: true });
      if (this.#finished().length === 0 && bench.state.transfers.size === 0) return;
    }
    throw new Error('the move does not come to rest');
  }
}

/** What a mover says that finds its plot gone, and whole in its destination. */
function goneAs(end: End): End {
  return end === 'source' || end === 'other' ? 'moved' : end;
}

const GONE: TransferEnd = { kind: 'failed', side: 'source', pinned: false, gone: true, error: 'it is gone' };

function endOf(end: End): TransferEnd {
  switch (end) {
    case 'moved':
      return { kind: 'moved', how: 'copied' };
    case 'source':
    case 'destination':
    case 'other':
      return { kind: 'failed', side: end, pinned: false, error: end };
    case 'pinned':
      return { kind: 'failed', side: 'destination', pinned: true, error: 'it can’t be flushed' };
    case 'stopped':
      return { kind: 'stopped' };
    default:
      return { kind: 'lost', with_host: false };
  }
}

function pick<Value>(values: readonly Value[], which: number): Value | undefined {
  return values.length === 0 ? undefined : values[which % values.length];
}
