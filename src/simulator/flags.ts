/** A flag of a plotter: `switch` takes no value. */
export interface Flag {
  name: string;
  flags: string[];
  type: 'text' | 'integer' | 'switch';
}

export interface ParsedFlags {
  values: Map<string, string>;
  /** Flags that the plotter doesn't have, as they stand in the words. */
  unknown: string[];
  /** An integer that is none. */
  invalid: { flag: Flag; value: string } | undefined;
  /** Words that belong to no flag. */
  others: string[];
}

/** Finds the flag of a word and the value written together with it: `-k32`, `--size=32`. */
function match(flags: Flag[], word: string): { flag: Flag; joined?: string } | undefined {
  const equals = word.startsWith('--') ? word.indexOf('=') : -1;
  const bare = equals < 0 ? word : word.slice(0, equals);
  const exact = flags.find((flag) => flag.flags.includes(bare));
  if (exact) return equals < 0 ? { flag: exact } : { flag: exact, joined: word.slice(equals + 1) };
  if (word.startsWith('--')) return undefined;
  const short = flags.find((flag) => flag.flags.includes(word.slice(0, 2)));
  return short && short.type !== 'switch' ? { flag: short, joined: word.slice(2) } : undefined;
}

/** Parses a plotter's words. */
export function parseFlags(flags: Flag[], words: string[]): ParsedFlags {
  const parsed: ParsedFlags = { values: new Map(), unknown: [], invalid: undefined, others: [] };
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (!/^-./.test(word)) {
      parsed.others.push(word);
      continue;
    }
    const found = match(flags, word);
    if (!found) {
      parsed.unknown.push(word);
      continue;
    }
    const { flag, joined } = found;
    if (flag.type === 'switch') {
      parsed.values.set(flag.name, joined ?? 'true');
      continue;
    }
    const value = joined ?? words[++at] ?? '';
    if (flag.type === 'integer' && !/^-?\d+$/.test(value)) parsed.invalid ??= { flag, value };
    parsed.values.set(flag.name, value);
  }
  return parsed;
}
