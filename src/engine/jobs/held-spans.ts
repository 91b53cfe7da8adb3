import type { TimeSpan } from '../../config/schema/hold.ts';

/** Whether a rule holds at a moment, and when that changes; `null`: never. Milliseconds since 1970. */
export interface RuleNow {
  active: boolean;
  next: number | null;
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** A rule of a week that doesn't change within these days never does. */
const DAYS_AHEAD = 9;

/** How a rule stands by the hours and days of a time zone, changes to summer time and back included. */
export function ruleAt(spans: readonly TimeSpan[], zone: string, now: number): RuleNow {
  const today = localDay(now, zone);
  const times: [from: number, to: number][] = [];
  // One that begins yesterday may last until today.
  for (let ahead = -1; ahead <= DAYS_AHEAD; ahead += 1) {
    const day = today + ahead * DAY_MS;
    for (const { days, from, minutes } of spans)
      if (days.includes(new Date(day).getUTCDay()))
        times.push([inZone(day + from * MINUTE_MS, zone), inZone(day + (from + minutes) * MINUTE_MS, zone)]);
  }
  times.sort(([one], [other]) => one - other);
  let end: number | null = null;
  for (const [from, to] of times) {
    if (to <= now) continue;
    // What begins before the one before it has ended goes on with it.
    if (from > (end ?? now)) return { active: end !== null, next: end ?? from };
    end = Math.max(end ?? to, to);
  }
  const isAlways = end !== null && end >= now + (DAYS_AHEAD - 1) * DAY_MS;
  return { active: end !== null, next: isAlways ? null : end };
}

/** Midnight of the local day as if that were UTC. */
function localDay(at: number, zone: string): number {
  const local = at + offsetAt(at, zone);
  return local - (((local % DAY_MS) + DAY_MS) % DAY_MS);
}

/** When a zone's clocks show this time, which is given as if it were UTC. One that they skip comes when they would have shown it. */
function inZone(local: number, zone: string): number {
  const guess = local - offsetAt(local, zone);
  return local - offsetAt(guess, zone);
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known) return known;
  const fields = { year: 'numeric', month: 'numeric', day: 'numeric' } as const;
  const clock = { hour: 'numeric', minute: 'numeric', second: 'numeric', hourCycle: 'h23' } as const;
  const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, ...fields, ...clock });
  formats.set(zone, format);
  return format;
}

/** By how much the clocks of a zone are ahead of UTC, in milliseconds. */
function offsetAt(at: number, zone: string): number {
  const parts = new Map(
    formatOf(zone)
      .formatToParts(at)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0;
  const date = [part('year'), part('month') - 1, part('day')] as const;
  const shown = Date.UTC(...date, part('hour'), part('minute'), part('second'));
  return shown - Math.floor(at / 1000) * 1000;
}
