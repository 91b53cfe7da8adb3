import * as z from 'zod';
import { count, moment } from '../model/parts.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Over so long the pace is taken. */
const DAYS = 7;

/** How many old plots were removed of late. */
export const replotPaceSchema = z.object({
  /** When the first one was ever removed, milliseconds since 1970; `null`: none was. */
  since: moment.nullable(),
  /** Of the last seven days, by the number of the hour since 1970. */
  hours: z.record(z.string(), count),
});
export type ReplotPace = z.infer<typeof replotPaceSchema>;

export const NO_REPLOT_PACE = { since: null, hours: {} } as const satisfies ReplotPace;

/** The pace with one more that is removed now. `now`: milliseconds since 1970. */
export function withOneMore({ since, hours }: ReplotPace, now: number): ReplotPace {
  const hour = String(Math.floor(now / HOUR_MS));
  const recent = Object.fromEntries(Object.entries(hours).filter(([each]) => isRecent(each, now)));
  return { since: since ?? now, hours: { ...recent, [hour]: (recent[hour] ?? 0) + 1 } };
}

/**
 * When no old plot is left at that pace, milliseconds since 1970; `null` where none is left, or none was removed in that
 * time. A beginning is taken for a day at least: the first workers come all at once.
 */
export function replotEnd(left: number, { since, hours }: ReplotPace, now: number): number | null {
  let removed = 0;
  for (const [hour, times] of Object.entries(hours)) if (isRecent(hour, now)) removed += times;
  if (left <= 0 || removed === 0 || since === null) return null;
  const span = Math.min(DAYS * DAY_MS, Math.max(DAY_MS, now - since));
  return now + (left / removed) * span;
}

function isRecent(hour: string, now: number): boolean {
  const age = now - Number(hour) * HOUR_MS;
  return age <= DAYS * DAY_MS && age > -HOUR_MS;
}
