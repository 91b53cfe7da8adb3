const MASK = '***';
/** Shorter ones would make holes in every text. */
const MIN_LENGTH = 4;

/** A secret as it stands in plain text, inside JSON and inside a URL. */
function spellings(secret: string): string[] {
  const inJson = JSON.stringify(secret).slice(1, -1);
  // Half a surrogate pair can't stand in a URL.
  return /\p{Cs}/u.test(secret) ? [secret, inJson] : [secret, inJson, encodeURIComponent(secret)];
}

/**
 * A function that replaces secrets in a text by `***`. One of fewer than 4 characters is replaced only where
 * it is the whole text.
 */
export function createMask(secrets: Iterable<string>): (text: string) => string {
  const short = new Set<string>();
  const long = new Set<string>();
  for (const secret of secrets) {
    if (secret.length >= MIN_LENGTH) for (const spelling of spellings(secret)) long.add(spelling);
    else if (secret !== '') short.add(secret);
  }
  // The longest first: a secret may be the beginning of another.
  const ordered = [...long].sort((a, b) => b.length - a.length);
  return (text) => {
    if (short.has(text)) return MASK;
    return ordered.reduce((masked, secret) => masked.replaceAll(secret, MASK), text);
  };
}

/** A mask that learns: what was a secret once stays one, since older texts may hold it. */
export interface GrowingMask {
  mask(text: string): string;
  learn(secrets: Iterable<string>): void;
  /** How many secrets it knows. */
  readonly size: number;
}

/** A mask of these secrets, to which later configurations add theirs. */
export function createGrowingMask(secrets: Iterable<string>): GrowingMask {
  const known = new Set(secrets);
  let mask = createMask(known);
  return {
    mask: (text) => mask(text),
    learn(more) {
      for (const secret of more) known.add(secret);
      mask = createMask(known);
    },
    get size() {
      return known.size;
    },
  };
}
