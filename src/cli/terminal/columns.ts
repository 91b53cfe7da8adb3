import { blanks, cut, widthOf } from './fit.ts';

/** A cell of a table; `paint` colours it without being counted as width. */
export interface Cell {
  text: string;
  paint?: (text: string) => string;
}

/** A column's heading, and whether its cells are numbers, which stand to the right. */
export interface Column {
  heading: string;
  right?: boolean;
  /** Where there is no room for all, its cells are cut, down to this many columns of the terminal. */
  least?: number;
}

const BETWEEN = '  ';

/**
 * Lines of a table, its headings first; each column as wide as its widest cell. Of columns that may be cut the widest
 * are, until a line is no wider than `width`.
 */
export function inColumns(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  width = Number.POSITIVE_INFINITY,
): string[] {
  const headings = columns.map(({ heading }) => ({ text: heading }));
  const all: (readonly Cell[])[] = [headings, ...rows];
  const wanted = columns.map((_, index) => Math.max(...all.map((row) => widthOf(row[index]?.text ?? ''))));
  const widths = shrunk(columns, wanted, width);
  return all.map((row) =>
    row
      .map(({ text, paint = (same) => same }, index) => {
        const room = widths[index] ?? 0;
        const shown = cut(text, room);
        const rest = blanks(shown, room);
        return columns[index]?.right ? `${rest}${paint(shown)}` : `${paint(shown)}${rest}`;
      })
      .join(BETWEEN)
      .trimEnd(),
  );
}

function shrunk(columns: readonly Column[], wanted: readonly number[], width: number): number[] {
  const widths = [...wanted];
  let over = widths.reduce((sum, each) => sum + each, 0) + BETWEEN.length * (columns.length - 1) - width;
  while (over > 0) {
    const mayGo = columns.map(
      ({ least }, index) => (widths[index] ?? 0) > (least ?? Number.POSITIVE_INFINITY),
    );
    const widest = Math.max(...widths.filter((_, index) => mayGo[index]));
    const at = widths.findIndex((each, index) => mayGo[index] && each === widest);
    if (at === -1) break;
    widths[at] = widest - 1;
    over -= 1;
  }
  return widths;
}
