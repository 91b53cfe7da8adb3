// chia's command line is made with Python's click, which suggests options as difflib finds them.

/** Letters that two words share, as difflib counts them: the longest common part, then left and right of it. */
function shared(one: string, other: string): number {
  let best = { length: 0, at: 0, in: 0 };
  for (let at = 0; at < one.length; at += 1) {
    for (let inside = 0; inside < other.length; inside += 1) {
      let length = 0;
      while (at + length < one.length && one[at + length] === other[inside + length]) length += 1;
      if (length > best.length) best = { length, at, in: inside };
    }
  }
  if (best.length === 0) return 0;
  const left = shared(one.slice(0, best.at), other.slice(0, best.in));
  return best.length + left + shared(one.slice(best.at + best.length), other.slice(best.in + best.length));
}

/** How alike two words are, from 0 to 1 (difflib.SequenceMatcher.ratio). */
export function likeness(one: string, other: string): number {
  return (2 * shared(one, other)) / Math.max(1, one.length + other.length);
}

/** What click says of an option that isn't there, on stderr, before it exits with 2. */
export function unknownOption(option: string, known: string[]): string[] {
  const name = option.split('=')[0] ?? option;
  const alike = known.filter((each) => likeness(name, each) >= 0.6);
  const best = alike.sort((a, b) => likeness(name, b) - likeness(name, a)).slice(0, 3);
  const quoted = best.map((each) => `'${each}'`);
  const hint =
    quoted.length === 0
      ? ''
      : quoted.length === 1
        ? ` Did you mean ${quoted[0]}?`
        : ` (Possible options: ${quoted.sort().join(', ')})`;
  return [
    'Usage: chia plots create [OPTIONS]',
    "Try 'chia plots create --help' for help.",
    '',
    `Error: No such option '${name}'.${hint}`,
  ];
}
