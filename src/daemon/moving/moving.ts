import type { Effect } from '../../engine/effects.ts';
import type { Settings } from '../../engine/memory.ts';
import type { TransferState } from '../../engine/model/transfer-state.ts';
import { WHAT_IS_WRONG } from '../../engine/starting/places/probing.ts';
import type { PlotHistory } from '../../storage/plot-records.ts';
import type { Places } from '../effects/places.ts';
import { LOOK_MS } from './directories-of.ts';
import { FromLooks } from './from-looks.ts';
import { Leftovers } from './leftovers.ts';
import { Movers, type MoversOptions } from './movers.ts';
import { OldPlotsOfMoves } from './old-plots-of-moves.ts';
import { survey } from './survey.ts';

/** What is left of transfers is looked at no more often than this, milliseconds. */
const SWEPT_MS = 20_000;

export interface MovingOptions extends Omit<MoversOptions, 'doubt' | 'placeProblem'> {
  settings(): Pick<Settings, 'moves' | 'plotters' | 'disks'>;
  places: Pick<Places, 'find'>;
  /** What this daemon knows of the plots that it has made. */
  records: PlotHistory;
  /** As `FromLooksOptions`. */
  quietMs: number;
}

/** Does what the engine asks for where plots are moved. */
export class Moving {
  readonly #options: MovingOptions;
  readonly #movers: Movers;
  readonly #looks: FromLooks;
  readonly #leftovers: Leftovers;
  readonly #oldPlots: OldPlotsOfMoves;
  #sweptAt = Number.NEGATIVE_INFINITY;

  constructor(options: MovingOptions) {
    this.#options = options;
    this.#looks = new FromLooks(options);
    this.#movers = new Movers({
      ...options,
      doubt: (file) => this.#looks.doubt(file),
      placeProblem: (transfer) => this.#placeProblem(transfer),
    });
    this.#leftovers = new Leftovers(options);
    this.#oldPlots = new OldPlotsOfMoves({ ...options, takenFrom: () => this.#looks.takenFrom() });
  }

  /** Starts the process of a transfer, or finds it again (`again`: after a restart); resolves when that is known. */
  run(transfer: string, again: boolean): Promise<void> {
    return this.#movers.run(transfer, again);
  }

  /** Tells on which file system it is by now that a transfer goes to; nothing while that isn't there. */
  async locate(transfer: string): Promise<void> {
    const present = this.#options.state.transfers.get(transfer);
    if (present) await this.#placeProblem(present);
  }

  /** What is wrong with where a transfer goes to; where nothing is, its file system is told if it is another one now. */
  async #placeProblem({ id, move, to, filesystem }: TransferState): Promise<string | null> {
    const { settings, places, take } = this.#options;
    const written = settings().moves.get(move)?.to ?? [to];
    const found = await places.find(written, { withinMs: LOOK_MS });
    const place = [...found.values()].flat().find(({ path }) => path === to);
    if (place === undefined) return null;
    if (place.problem !== null) return `${to} ${WHAT_IS_WRONG[place.problem]}`;
    const { key = filesystem } = place.filesystem ?? {};
    if (key !== filesystem) take({ type: 'transfer_located', transfer: id, filesystem: key });
    return null;
  }

  /** What was going on at the start is found again: what is left of anything else goes. */
  recovered(): void {
    void this.#leftovers.sweep();
  }

  perform(effect: Exclude<MovingEffect, { type: 'transfer' }>): void {
    switch (effect.type) {
      case 'look_through':
        return this.#looks.look(effect.move);
      case 'survey':
        return void this.#survey(effect);
      case 'make_room':
        return void this.#makeRoom(effect);
      case 'stop_transfer':
        return this.#movers.stop(effect.transfer);
      case 'suspend_transfer':
        return this.#movers.suspend(effect.transfer);
      case 'resume_transfer':
        return this.#movers.resume(effect.transfer);
      case 'forget_transfer':
        return void this.#leftovers.forget(effect.transfer);
      default:
        effect satisfies never;
    }
  }

  /** What an earlier move has left would be in the way of another one. */
  async #survey(effect: Extract<MovingEffect, { type: 'survey' }>): Promise<void> {
    const { state, settings, places, take } = this.#options;
    if (performance.now() - this.#sweptAt > SWEPT_MS) {
      this.#sweptAt = performance.now();
      await this.#leftovers.sweep();
    }
    await this.#looks.allLooked();
    const takenFrom = () => this.#looks.takenFrom();
    take(await survey(effect, { state, settings, places, takenFrom, oldPlots: this.#oldPlots }));
  }

  async #makeRoom(effect: Extract<MovingEffect, { type: 'make_room' }>): Promise<void> {
    const { transfer, file } = effect;
    // Where plots are taken from nothing is old: that has to be known, also after a restart.
    await this.#looks.allLooked();
    const outcome = await this.#oldPlots.makeRoom(effect);
    const plot = this.#options.state.transfers.get(transfer)?.file;
    if (outcome.kind === 'failed' && outcome.side === 'source' && plot !== undefined) this.#looks.doubt(plot);
    this.#options.take({ type: 'room_made', transfer, file, outcome });
  }

  /** Movers go on. */
  stop(): void {
    this.#looks.stop();
    this.#movers.letGo();
  }
}

type MovingEffect = Extract<
  Effect,
  | { type: 'look_through' | 'survey' | 'make_room' }
  | { type: 'transfer' | 'stop_transfer' | 'suspend_transfer' | 'resume_transfer' | 'forget_transfer' }
>;
