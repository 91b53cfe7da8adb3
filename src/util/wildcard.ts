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

/** Whether there is a name that both patterns mean. */
export function patternsMeet(one: string, other: string): boolean {
  /** Where in `other` one can be, after the characters of `one` so far: names end in all that is left or nothing. */
  let places = reach(new Set([0]), other);
  for (const wanted of one) {
    const next = new Set<number>();
    for (const place of places) {
      const there = other[place];
      if (wanted === '*') for (let further = place; further <= other.length; further += 1) next.add(further);
      else if (there === '*') next.add(place);
      else if (there !== undefined && (wanted === '?' || there === '?' || wanted === there))
        next.add(place + 1);
    }
    places = reach(next, other);
  }
  return places.has(other.length);
}

/** These places in a pattern, and those behind its `*`, which may stand for nothing. */
function reach(places: ReadonlySet<number>, pattern: string): Set<number> {
  const all = new Set<number>();
  for (const place of places)
    for (let next = place; !all.has(next); next += pattern[next] === '*' ? 1 : 0) all.add(next);
  return all;
}
