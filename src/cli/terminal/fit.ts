import stringWidth from 'string-width';

const RESET = '\x1b[0m';
const ELLIPSIS = '…';
/** A colour, as `paintFor` begins and ends it. */
const COLOUR = new RegExp(`(${RESET[0]}\\[\\d+m)`);
const graphemes = new Intl.Segmenter();

/** How many columns of a terminal a text takes; colours take none, wide characters two. */
export function widthOf(text: string): number {
  return stringWidth(text);
}

/**
 * A text of at most `width` columns, with an ellipsis where something is cut off; its colour ends there. (cli-truncate
 * 5 and fast-string-truncated-width 3 cut too late where characters are wide, or are blocks as those of bars.)
 */
export function cut(text: string, width: number): string {
  if (!Number.isFinite(width) || widthOf(text) <= width) return text;
  if (width < 1) return '';
  let kept = '';
  let left = width - widthOf(ELLIPSIS);
  for (const part of text.split(COLOUR)) {
    if (COLOUR.test(part)) kept += part;
    else
      for (const { segment } of graphemes.segment(part)) {
        left -= widthOf(segment);
        if (left < 0) return `${kept}${ELLIPSIS}${text.includes('\x1b') ? RESET : ''}`;
        kept += segment;
      }
  }
  return kept;
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
