import type { Colour, Paint } from './colour.ts';

/** How things are shown: with colours, and with bars, which only a terminal gets. */
export interface Look {
  paint: Paint;
  bars: boolean;
  /** Columns of the terminal; without it lines are as long as they come. */
  width?: number;
}

/** How wide lines may be. */
export function widthFor({ width = Number.POSITIVE_INFINITY }: Look): number {
  return width;
}

/** A word in its colour, if it has one. */
export function painted(word: string, colours: Readonly<Record<string, Colour>>, { paint }: Look): string {
  const colour = colours[word];
  return colour === undefined ? word : paint(word, colour);
}

/** Whether there is room for bars. */
export function hasBars({ bars, width = 120 }: Look): boolean {
  return bars && width >= 60;
}

/** Columns of a bar, by those of the terminal. */
function barWidth({ width = 120 }: Look): number {
  if (width < 100) return 10;
  return width < 160 ? 20 : 40;
}

/** A share in percent as a bar; empty where it isn't known. */
export function bar(share: number | null, look: Look): string {
  if (share === null) return '';
  const columns = barWidth(look);
  const full = Math.round((Math.min(100, Math.max(0, share)) / 100) * columns);
  return `${'█'.repeat(full)}${'░'.repeat(columns - full)}`;
}

export function percent(share: number): string {
  return `${share.toFixed(1)} %`;
}
