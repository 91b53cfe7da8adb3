/**
 * Whether a name is one that a pattern means: `*` stands for any characters, `?` for one. Takes no longer than the
 * product of both lengths, whatever the pattern.
 */
export function matchesWildcard(pattern: string, name: string): boolean {
  let [at, inPattern] = [0, 0];
  /** Behind the last `*`, and what it has taken so far. */
  let [afterStar, taken] = [-1, 0];
  while (at < name.length) {
    const wanted = pattern[inPattern];
    if (wanted === '*') {
      inPattern += 1;
      [afterStar, taken] = [inPattern, at];
    } else if (wanted === '?' || wanted === name[at]) {
      at += 1;
      inPattern += 1;
    } else if (afterStar >= 0) {
      taken += 1;
      [at, inPattern] = [taken, afterStar];
    } else return false;
  }
  return /^\**$/.test(pattern.slice(inPattern));
}
