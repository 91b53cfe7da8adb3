import truncatedWidth from 'fast-string-truncated-width';

const RESET = '\x1b[0m';

/** How many columns of a terminal a text takes; colours take none, wide characters two. */
export function widthOf(text: string): number {
  return truncatedWidth(text).width;
}

/** A text of at most `width` columns, with an ellipsis where something is cut off. */
export function cut(text: string, width: number): string {
  const { index, truncated, ellipsed } = truncatedWidth(text, { limit: Math.max(0, width), ellipsis: '…' });
  if (!truncated) return text;
  const coloured = text.includes('\x1b') ? RESET : '';
  return `${text.slice(0, index)}${ellipsed ? '…' : ''}${coloured}`;
}

/** Blanks up to `width` columns. */
export function blanks(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - widthOf(text)));
}

const HANGING = '    ';

/** Parts, with `between` between two, in lines of at most `width` columns where a part alone isn't longer. */
export function inLines(parts: readonly string[], between: string, width: number): string[] {
  const lines: string[] = [];
  let line: string | null = null;
  for (const part of parts) {
    const longer: string = line === null ? part : `${line}${between}${part}`;
    // What separates them from the next line stays behind them.
    if (line === null || widthOf(longer) + between.trimEnd().length <= width) line = longer;
    else {
      lines.push(`${line}${between.trimEnd()}`);
      line = `${HANGING}${part}`;
    }
  }
  return line === null ? lines : [...lines, line];
}

/** A sentence in lines of at most `width` columns, broken at its blanks. */
export function sentence(text: string, width: number): string[] {
  return Number.isFinite(width) ? inLines(text.split(' '), ' ', width) : [text];
}
