import type { Effect } from '../../engine/effects.ts';
import type { FinishedPlot, MadeRoom, SurveyedOldPlots } from '../../engine/moving/facts.ts';
import type { Place } from '../effects/places.ts';
import { lookForOldPlots } from './look-for-old-plots.ts';
import { removeOldPlot } from './remove-old-plot.ts';
import type { ReplottingOfMoves } from './replotting-of-moves.ts';

/** Looks for the old plots that may go for plots of moves, and removes them (contract, section 10). Never rejects. */
export class OldPlotsOfMoves {
  readonly #parts: ReplottingOfMoves;

  constructor(parts: ReplottingOfMoves) {
    this.#parts = parts;
  }

  /** What goes for these files in these destinations, where there is no room for one; `undefined`: nothing may. */
  look(
    move: string,
    files: readonly FinishedPlot[],
    places: readonly Place[],
  ): Promise<SurveyedOldPlots | undefined> {
    return lookForOldPlots(this.#parts, { move, files, places });
  }

  /** Removes an old plot that was chosen for a transfer, if all is as it was then; or only sees whether it is gone. */
  makeRoom(effect: Extract<Effect, { type: 'make_room' }>): Promise<MadeRoom> {
    return removeOldPlot(this.#parts, effect);
  }
}
