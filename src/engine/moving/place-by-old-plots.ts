import type { MoveEntry } from '../../config/schema/move.ts';
import type { MoveState } from '../model/move-state.ts';
import type { ChosenPlot } from '../model/worker-state.ts';
import type { Transaction } from '../transaction.ts';
import { choosePlace, type PlaceCase } from './choose-place.ts';
import { tellDryRunOfMove } from './dry-run.ts';
import type { FinishedPlot, PlaceFacts, SurveyedOldPlots } from './facts.ts';
import { namesOnTheirWay, oldPlotsFor } from './room-by-old-plots.ts';
import { ruleOfMove, whyNoneGoes } from './rule-of-move.ts';

/** Where a plot goes for which no destination has room as it is. */
interface OldPlotsPlacing extends PlaceCase {
  plot: FinishedPlot;
  entry: MoveEntry;
  look: SurveyedOldPlots | undefined;
}

/** A destination, and the old plots that make room there; or why none does, as the end of a sentence, empty without a rule. */
export type PlaceByOldPlots = { place: PlaceFacts; plots: readonly ChosenPlot[] } | { why: string };

/** Of the destinations in which old plots make room for a plot, the one that it goes to: they are full but for that. */
export function placeByOldPlots(
  transaction: Transaction,
  move: MoveState,
  placing: OldPlotsPlacing,
): PlaceByOldPlots {
  const { entry, look, plot, places, traffic, disks } = placing;
  const rule = ruleOfMove(entry);
  if (rule === null) return { why: '' };
  const not = whyNoneGoes(rule, transaction.now);
  if (look === undefined || (not !== null && !rule.dry_run))
    return { why: `, and ${not ?? 'old plots could not be looked for'}` };
  const inHand = namesOnTheirWay(transaction);
  const verdicts = places.map((place) => {
    const asked = { move, rule, plot, place, traffic: traffic.get(place.device), disks, look, inHand };
    return { place, verdict: oldPlotsFor(transaction, asked) };
  });
  const made = new Map<PlaceFacts, { place: PlaceFacts; plots: readonly ChosenPlot[] }>();
  for (const { place, verdict } of verdicts)
    if ('plots' in verdict) {
      const bytes = verdict.plots.reduce((sum, { size }) => sum + size, 0);
      made.set({ ...place, free_bytes: place.free_bytes + bytes }, { place, plots: verdict.plots });
    }
  const chosen = choosePlace({ ...placing, places: [...made.keys()] });
  const found = 'place' in chosen ? made.get(chosen.place) : undefined;
  if (found === undefined) {
    const [first] = verdicts.flatMap(({ verdict }) => ('none' in verdict ? [verdict.none] : []));
    return { why: first === undefined ? '' : `, and ${first}` };
  }
  if (not === null) return found;
  tellDryRunOfMove(transaction, move, null, found.plots);
  return { why: `, and ${not}` };
}
