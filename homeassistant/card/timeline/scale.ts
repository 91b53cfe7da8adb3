import type { Span } from './segments.ts';

/** From moments to places: `x` pixels from the side on which reading begins, mirrored where that is the right one. */
export interface Scale {
  span: Span;
  width: number;
  isMirrored: boolean;
}

const MS_PER_HOUR = 3_600_000;
const MS_PER_MINUTE = 60_000;
/** Behind now there is always room for what is to come: a tenth of the past. */
const LEAST_AHEAD = 0.1;
/** What is to come takes no more room than the past. */
const MOST_AHEAD = 1;
/** In such steps of the past, so that not each ETA that moves moves all. */
const AHEAD_STEP = 0.05;
/** Hours between two ticks. */
const STEPS = [0.25, 0.5, 1, 2, 3, 6, 12, 24, 48];

/** The time that is drawn: `hours` back, and ahead until the last ETA. */
export function spanOf(now: number, hours: number, etas: readonly number[]): Span {
  const past = hours * MS_PER_HOUR;
  const ahead = Math.max(...etas.map((eta) => (eta - now) * 1.05), LEAST_AHEAD * past);
  const step = past * AHEAD_STEP;
  return { from: now - past, to: now + Math.min(Math.ceil(ahead / step) * step, MOST_AHEAD * past) };
}

/** Where a moment is; those outside the span are at its ends. */
export function xOf({ span, width, isMirrored }: Scale, at: number): number {
  const share = (at - span.from) / (span.to - span.from);
  const x = Math.min(1, Math.max(0, share)) * width;
  return isMirrored ? width - x : x;
}

/** Round hours of the user's time zone, as far apart as labels need that are `room` pixels wide. */
export function ticksOf(scale: Scale, offsetAt: (at: number) => number, room: number): number[] {
  const { from, to } = scale.span;
  const hoursPerLabel = (((to - from) / MS_PER_HOUR) * room) / Math.max(scale.width, 1);
  const step = (STEPS.find((each) => each >= hoursPerLabel) ?? 48) * MS_PER_HOUR;
  const ticks: number[] = [];
  const quarter = 15 * MS_PER_MINUTE;
  for (let at = Math.ceil(from / quarter) * quarter; at <= to; at += quarter)
    if ((at + offsetAt(at)) % step === 0) ticks.push(at);
  return ticks;
}
