import * as z from 'zod';
import { moment } from './parts.ts';

/**
 * How much there was and when, the oldest first: what came within one step stands at the moment of its first. Moments
 * are milliseconds on the steady clock.
 */
export const tallySchema = z.array(z.tuple([moment, z.number()]));
export type Tally = z.infer<typeof tallySchema>;

/** How far back a tally goes, and what stands together in it; milliseconds. */
export interface TallySpan {
  back: number;
  step: number;
}

const [MINUTE, DAY] = [60_000, 86_400_000];

/** Plots of the last 24 hours. */
export const LAST_DAY: TallySpan = { back: DAY, step: 5 * MINUTE };
/** What was written in the last seven days. */
export const LAST_WEEK: TallySpan = { back: 7 * DAY, step: 120 * MINUTE };

/** After a restart of the host the steady clock may begin a little earlier than it was: that isn't the future. */
const SLACK_MS = 60 * MINUTE;

/** A tally with some more at this moment, without what is too old. */
export function withMore(
  tally: Readonly<Tally>,
  at: number,
  amount: number,
  { back, step }: TallySpan,
): Tally {
  const kept = tally.filter(([then]) => isWithin(then, at, back));
  const last = kept.at(-1);
  if (last === undefined || at - last[0] >= step) return [...kept, [at, amount]];
  return [...kept.slice(0, -1), [last[0], last[1] + amount]];
}

/** What there was until now, as far back as the tally goes. */
export function sumOf(tally: Readonly<Tally>, now: number, { back }: TallySpan): number {
  let sum = 0;
  for (const [then, amount] of tally) if (isWithin(then, now, back)) sum += amount;
  return sum;
}

/** Whether something has become too old to count between two moments. */
export function hasAged(
  tally: Readonly<Tally>,
  { from, to }: { from: number; to: number },
  { back }: TallySpan,
): boolean {
  return tally.some(([then]) => then + back > from && then + back <= to);
}

/** What is far ahead of now was noted while the clock was wrong. */
function isWithin(then: number, now: number, back: number): boolean {
  return then > now - back && then <= now + SLACK_MS;
}
