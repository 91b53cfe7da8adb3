import type { LogPattern } from '../config/schema/plotter.ts';

/** What the lines of one log have set so far. */
export interface Memory {
  readonly values: Record<string, string | undefined>;
  /** The value of `of` as a number, kept apart since the most frequent lines ask for it; NaN where it isn't set. */
  of: number;
}

export function emptyMemory(): Memory {
  return { values: Object.create(null), of: Number.NaN };
}

export function remember(memory: Memory, name: string, value: string): void {
  memory.values[name] = value;
  if (name === 'of') memory.of = Number(value);
}

/** Maps a share of the line's own range to the part of the stage that it is; `null` where it is no number. */
export function mapped({ from, to }: NonNullable<LogPattern['inside']>, share: number): number | null {
  return Number.isFinite(share) ? from + (to - from) * Math.min(1, Math.max(0, share)) : null;
}
