export const MASK = '***';
/** Shorter ones would make holes in every text. */
export const MIN_SECRET_LENGTH = 4;

const inJson = (text: string) => JSON.stringify(text).slice(1, -1);

/** A secret as it stands in plain text, inside JSON and inside a URL. */
function spellings(secret: string): string[] {
  // Half a surrogate pair can't stand in a URL.
  return /\p{Cs}/u.test(secret)
    ? [secret, inJson(secret)]
    : [secret, inJson(secret), encodeURIComponent(secret)];
}

/**
 * A function that replaces secrets in a text by `***`. One of fewer than 4 characters is replaced only where
 * it is the whole text.
 */
export function createMask(secrets: Iterable<string>): (text: string) => string {
  const short = new Set<string>();
  const long = new Set<string>();
  for (const secret of secrets) {
    if (secret.length >= MIN_SECRET_LENGTH) for (const spelling of spellings(secret)) long.add(spelling);
    else if (secret !== '') short.add(secret);
  }
  // The longest first: a secret may be the beginning of another.
  const ordered = [...long].sort((a, b) => b.length - a.length);
  return (text) => {
    if (short.has(text)) return MASK;
    return ordered.reduce((masked, secret) => masked.replaceAll(secret, MASK), text);
  };
}

/** Tells quickly whether a text, or a text inside JSON, may hold one of the secrets. */
function createSearch(secrets: Iterable<string>): (text: string) => boolean {
  const whole = new Set<string>();
  const parts = new Set<string>();
  for (const secret of secrets) {
    if (secret === '') continue;
    if (secret.length < MIN_SECRET_LENGTH) {
      whole.add(secret);
      parts.add(JSON.stringify(secret));
    } else
      for (const spelling of spellings(secret)) {
        parts.add(spelling);
        parts.add(inJson(spelling));
      }
  }
  const needles = [...parts];
  return (text) => whole.has(text) || needles.some((needle) => text.includes(needle));
}

/** A mask that learns: what was a secret once stays one, since older texts may hold it. */
export interface GrowingMask {
  mask(text: string): string;
  /** Whether there may be anything to mask in a text, be it JSON or not: quicker than masking it. */
  mayHold(text: string): boolean;
  learn(secrets: Iterable<string>): void;
  /** How many secrets it knows. */
  readonly size: number;
}

/** A mask of these secrets, to which later configurations add theirs. */
export function createGrowingMask(secrets: Iterable<string>): GrowingMask {
  const known = new Set(secrets);
  let mask = createMask(known);
  let search = createSearch(known);
  return {
    mask: (text) => mask(text),
    mayHold: (text) => search(text),
    learn(more) {
      for (const secret of more) known.add(secret);
      mask = createMask(known);
      search = createSearch(known);
    },
    get size() {
      return known.size;
    },
  };
}
