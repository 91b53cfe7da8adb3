import { isUtf8 } from 'node:buffer';
import { readFile } from 'node:fs/promises';
import type { Position } from './positions.ts';

/** The text of a file, or why its bytes are none, and where. */
export type FileText = { text: string } | { wrong: string; at: Position };

const START: Position = { line: 1, column: 1 };
const UTF16 = 'the file is UTF-16 (some editors call it "Unicode"): save it as UTF-8';

/** Reads a file that people write. Throws where it can't be read. */
export async function readText(file: string): Promise<FileText> {
  return textOfBytes(await readFile(file));
}

export function textOfBytes(bytes: Buffer): FileText {
  if (looksLikeUtf16(bytes)) return { wrong: UTF16, at: START };
  if (!isUtf8(bytes))
    return {
      wrong: 'this character is no UTF-8 (it may be Latin-1): save the file as UTF-8',
      at: positionOf(bytes, firstWrong(bytes)),
    };
  const zero = bytes.indexOf(0);
  if (zero >= 0)
    return { wrong: 'a zero byte stands here: the file is damaged', at: positionOf(bytes, zero) };
  return { text: bytes.toString('utf8') };
}

/** A byte order mark, or every other one of the first bytes being zero, as letters of UTF-16 have it. */
function looksLikeUtf16(bytes: Buffer): boolean {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) return true;
  return bytes.length > 1 && (first === 0) !== (second === 0);
}

/** Where the first bytes stand that are no UTF-8: lines of good text are passed over as a whole. */
function firstWrong(bytes: Buffer): number {
  let start = 0;
  for (;;) {
    const end = bytes.indexOf(0x0a, start);
    if (end < 0 || !isUtf8(bytes.subarray(start, end))) break;
    start = end + 1;
  }
  let place = start;
  while (place < bytes.length) {
    const length = [1, 2, 3, 4].find((size) => isCharacter(bytes.subarray(place, place + size)));
    if (length === undefined) return place;
    place += length;
  }
  return place;
}

function isCharacter(bytes: Buffer): boolean {
  return isUtf8(bytes) && [...bytes.toString('utf8')].length === 1;
}

function positionOf(bytes: Buffer, offset: number): Position {
  const lines = bytes.subarray(0, offset).toString('utf8').split('\n');
  return { line: lines.length, column: [...(lines.at(-1) ?? '')].length + 1 };
}
