/** So many are named; the others are counted. */
const NAMED = 3;

/** The first of these, and how many more there are. */
export function someOf(texts: readonly string[], between = ', '): string {
  const more = texts.length - NAMED;
  const named = more > 1 ? texts.slice(0, NAMED) : texts;
  return `${named.join(between)}${more > 1 ? ` and ${more} more` : ''}`;
}
