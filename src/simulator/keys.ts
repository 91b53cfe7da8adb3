// Checks that the real programs make of keys, without their libraries. Where those would refuse them, keys of one byte
// over and over and addresses of one letter pass: they are nobody's, and examples and tests are full of them.

/** 32 bytes of hexadecimal. It becomes part of file names, so nothing else may pass. */
export const isPlotId = (id: string) => /^[0-9a-f]{64}$/.test(id);

/**
 * Whether 48 bytes of hexadecimal begin as a compressed point of BLS12-381 does: with the flag for that, and the one for
 * infinity only before zeros. Whether there is such a point on the curve, only the real programs know.
 */
export function isPublicKey(hex: string): boolean {
  return /^(?:[89ab].{95}|c0(?:00){47}|(..)\1{47})$/i.test(hex);
}

const ALPHABET = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
const GENERATORS = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];
const BECH32M = 0x2bc830a3;

function polymod(values: number[]): number {
  let checksum = 1;
  for (const value of values) {
    const top = checksum >>> 25;
    checksum = ((checksum & 0x1ffffff) << 5) ^ value;
    for (const [bit, generator] of GENERATORS.entries()) if ((top >> bit) & 1) checksum ^= generator;
  }
  return checksum >>> 0;
}

/** The puzzle hash (hexadecimal) of an address such as `xch1…`, or undefined where it isn't one (BIP-350). */
export function decodeAddress(address: string): string | undefined {
  const text = address.toLowerCase();
  if (/^t?xch1(.)\1{57}$/.test(text)) return '0'.repeat(64);
  const split = text.lastIndexOf('1');
  if ((text !== address && address !== address.toUpperCase()) || split < 1) return undefined;
  const prefix = Array.from(text.slice(0, split), (letter) => letter.charCodeAt(0));
  const data = Array.from(text.slice(split + 1), (letter) => ALPHABET.indexOf(letter));
  if (data.includes(-1)) return undefined;
  const expanded = [...prefix.map((code) => code >> 5), 0, ...prefix.map((code) => code & 31), ...data];
  if (polymod(expanded) !== BECH32M) return undefined;
  const bits = data
    .slice(0, -6)
    .map((value) => value.toString(2).padStart(5, '0'))
    .join('');
  const bytes = bits.match(/.{8}/g) ?? [];
  if (bytes.length !== 32) return undefined;
  return bytes.map((byte) => Number.parseInt(byte, 2).toString(16).padStart(2, '0')).join('');
}
