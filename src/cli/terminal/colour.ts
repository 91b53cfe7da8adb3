/** A colour in words, or none; of a terminal, and nowhere else. */
export type Paint = (text: string, colour: Colour) => string;

const CODES = { red: 31, green: 32, yellow: 33, grey: 90 } as const;
export type Colour = keyof typeof CODES;

/** Colours where standard output is a terminal that has them, and `NO_COLOR` (no-color.org) isn't set. */
export function paintFor(
  { isTTY = false }: { isTTY?: boolean },
  { NO_COLOR = '', TERM = '' }: Readonly<Record<string, string | undefined>>,
): Paint {
  if (!isTTY || NO_COLOR !== '' || TERM === 'dumb') return (text) => text;
  return (text, colour) => `\x1b[${CODES[colour]}m${text}\x1b[0m`;
}
