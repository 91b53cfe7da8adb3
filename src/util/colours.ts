const ESCAPE = '\x1b';
/**
 * Escape sequences by ECMA-48: colours and the like (5.4), texts for the terminal such as its title (5.6, up to BEL as
 * xterm takes them), and short ones.
 */
const SEQUENCE = new RegExp(
  [
    `${ESCAPE}\\[[0-?]*[ -/]*[@-~]`,
    `${ESCAPE}[\\]PX^_][^\\x07${ESCAPE}]*(?:\\x07|${ESCAPE}\\\\)?`,
    `${ESCAPE}[ -/]*[0-~]`,
  ].join('|'),
  'g',
);

/** Takes away ANSI colours and other escape sequences; what has none is returned as it is. */
export function withoutColours(text: string): string {
  return text.includes(ESCAPE) ? text.replace(SEQUENCE, '') : text;
}

/** What a program wrote, as it is shown to people: without colours, control characters, and blanks around it. */
export function printable(text: string): string {
  return withoutColours(text)
    .replace(/\t/g, ' ')
    .replace(/\p{Cc}/gu, '')
    .trim();
}
