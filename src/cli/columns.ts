/** A cell of a table; `paint` colours it without being counted as width. */
export interface Cell {
  text: string;
  paint?: (text: string) => string;
}

/** A column's heading, and whether its cells are numbers, which stand to the right. */
export interface Column {
  heading: string;
  right?: boolean;
}

/** Lines of a table, its headings first; each column as wide as its widest cell. */
export function inColumns(columns: readonly Column[], rows: readonly (readonly Cell[])[]): string[] {
  const headings = columns.map(({ heading }) => ({ text: heading }));
  const all: (readonly Cell[])[] = [headings, ...rows];
  const widths = columns.map((_, index) => Math.max(...all.map((row) => row[index]?.text.length ?? 0)));
  return all.map((row) =>
    row
      .map(({ text, paint = (same) => same }, index) => {
        const blanks = ' '.repeat((widths[index] ?? 0) - text.length);
        return columns[index]?.right ? `${blanks}${paint(text)}` : `${paint(text)}${blanks}`;
      })
      .join('  ')
      .trimEnd(),
  );
}
