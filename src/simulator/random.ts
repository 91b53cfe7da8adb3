/** Random numbers that a seed makes reproducible. */
export interface Random {
  /** At least 0 and below 1. */
  next(): number;
  /** Lower-case hexadecimal of that many bytes. */
  hex(bytes: number): string;
}

/** @param seed without it, every process has its own numbers */
export function createRandom(seed?: number): Random {
  let state = seed ?? globalThis.crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
  // mulberry32: small, and good enough for plot ids that nobody farms.
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const hex = (bytes: number) => {
    // Without a seed 32 bits of state would be too few to tell a million plots apart.
    const values =
      seed === undefined
        ? globalThis.crypto.getRandomValues(new Uint8Array(bytes))
        : Uint8Array.from({ length: bytes }, () => Math.floor(next() * 256));
    return Array.from(values, (value) => value.toString(16).padStart(2, '0')).join('');
  };
  return { next, hex };
}
