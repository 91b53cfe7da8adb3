import { cut } from '../terminal/fit.ts';
import type { Wish } from './keys.ts';

/** How much of a text is seen. */
export interface Size {
  columns: number;
  rows: number;
}

/** Lines for a screen: what of `lines` is seen from line `from` on, and `note` in the last one. */
export function page(
  lines: readonly string[],
  from: number,
  note: string,
  { columns, rows }: Size,
): string[] {
  const seen = lines.slice(from, from + room({ rows }));
  const last =
    lines.length > seen.length ? `${from + 1} to ${from + seen.length} of ${lines.length} lines; ` : '';
  const blank = Array.from({ length: room({ rows }) - seen.length }, () => '');
  return [...seen, ...blank, `${last}${note}`].slice(-rows).map((line) => cut(line, columns));
}

/** The first line to be seen after a key; never one behind which nothing is to be seen. */
export function moved(from: number, wish: Wish | null, lines: number, size: Pick<Size, 'rows'>): number {
  const step = room(size);
  const steps: Partial<Record<Wish, number>> = {
    ...{ up: -1, down: 1, 'page up': -step, 'page down': step, top: -lines, bottom: lines },
  };
  const wanted = from + (wish === null ? 0 : (steps[wish] ?? 0));
  return Math.max(0, Math.min(wanted, lines - step));
}

/** Rows above the note. */
function room({ rows }: Pick<Size, 'rows'>): number {
  return Math.max(1, rows - 1);
}
