import { moveSchema } from '../../../../src/config/schema/move.ts';
import type { DiskEntry } from '../../../../src/config/schema/disks.ts';
import type { MoveView } from '../../../../src/contract/views.ts';
import type { MoveState } from '../../../../src/engine/model/move-state.ts';
import type { TransferState } from '../../../../src/engine/model/transfer-state.ts';
import type { FinishedPlot, PlaceFacts, TransferEnd } from '../../../../src/engine/moving/facts.ts';
import { moveView } from '../../../../src/engine/views/move-view.ts';
import { Bench } from '../bench.ts';
import type { JobInput } from '../plotter.ts';

type MoveInput = Partial<{
  choose: 'spread' | 'in_order';
  max_moves: number;
  enabled: boolean;
  title: string;
  replot: { before: string; max_per_plot?: number; dry_run?: boolean };
}>;

export function entryOf(change: MoveInput = {}) {
  return moveSchema.parse({ from: '/stage', to: ['/farm1', '/farm2'], ...change });
}

export function plot(name: string, size = 100): FinishedPlot {
  return { file: `/stage/${name}.plot`, size, ino: name, mtime_ns: '1', device: 'stage' };
}

export function place(directory: string, change: Partial<PlaceFacts> = {}): PlaceFacts {
  const device = directory.slice(1);
  return { directory, problem: null, device, st_dev: device, free_bytes: 1000, taken_from: false, ...change };
}

/** A plot `a` on its way from /stage to /farm1. */
export function transferWith(change: Partial<TransferState> = {}): TransferState {
  return {
    ...{ id: 'farm-x', move: 'farm', file: '/stage/a.plot', to: '/farm1', filesystem: 'farm1' },
    ...{ renames: false, size: 100, device: 'stage', ino: 'a', mtime_ns: '1', maker: null },
    ...{ step: 'moving', pinned: false, attempt: 1, launches: 1, silent: 0, began_at: 0, due: null },
    ...{ process: null, stopping: false, suspended: false, replot: [], replot_room: null },
    ...change,
  };
}

/** A farm with the move `farm`, that goes from /stage to /farm1 and /farm2, and is up. */
export class MovingBench extends Bench {
  constructor({
    jobs = {},
    move = {},
    disks = [],
  }: { jobs?: Record<string, JobInput>; move?: MoveInput; disks?: DiskEntry[] } = {}) {
    super(jobs, { settings: { moves: new Map([['farm', entryOf(move)]]), disks } });
    this.farm.places.push(place('/farm1'), place('/farm2'));
    this.feed({ type: 'startup' });
  }

  /** These plots are in /stage now. */
  lies(...plots: FinishedPlot[]): void {
    this.farm.finished.set('farm', plots);
    this.look();
  }

  look(): void {
    const began = this.surroundings.steady();
    this.feed({ type: 'looked_through', move: 'farm', began, plots: this.farm.finished.get('farm') ?? [] });
  }

  get move(): MoveState {
    const move = this.state.moves.get('farm');
    if (!move) throw new Error('no move');
    return move;
  }

  get shown(): MoveView {
    return moveView(this.world(), this.move);
  }

  get transfers(): TransferState[] {
    return [...this.state.transfers.values()];
  }

  /** Which plots are on their way, and where. */
  get ways(): string[] {
    return this.transfers.map(({ file, to }) => `${file} ${to}`);
  }

  /** The mover of the first of them ends; a plot that has arrived is gone from where it was. */
  end(end: TransferEnd = { kind: 'moved', how: 'copied' }, index = 0): void {
    const transfer = this.transfers[index];
    if (!transfer) throw new Error('nothing is on its way');
    const stays = this.farm.finished.get('farm')?.filter(({ file }) => file !== transfer.file) ?? [];
    if (end.kind === 'moved') this.farm.finished.set('farm', stays);
    const input = this.farm.endMover(transfer.id, end, this.surroundings.steady());
    if (!input) throw new Error('it has no process');
    this.feed(input);
  }

  fail(side: 'source' | 'destination' | 'other', change: { pinned?: boolean; gone?: boolean } = {}): void {
    this.end({ kind: 'failed', side, pinned: false, error: `${side} fails`, ...change });
  }

  setMove(settings: { enabled?: boolean; paused?: boolean }) {
    return this.command({ type: 'set_move', move: 'farm', settings });
  }
}
