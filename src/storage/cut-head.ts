import {
  appendFileSync,
  closeSync,
  createReadStream,
  createWriteStream,
  fstatSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { readLines } from './lines.ts';
import { PRIVATE_FILE } from './private.ts';

/** After so many lines others get their turn. */
const LINES_PER_TURN = 2_000;

export interface CutOptions {
  /** Whether a line may go. */
  isOld(line: string): boolean;
  /** A file longer than this many bytes keeps only the last `kept`, old or not. */
  most: number;
  kept: number;
}

/**
 * Takes lines away at the head of a file that others append to meanwhile, each with its own open(): the rest takes its
 * place, whole. Rejects with the system's error, also where there is no file; it is then as it was.
 */
export async function cutHead(file: string, options: CutOptions): Promise<void> {
  const fd = openSync(file, 'r');
  try {
    const { size } = fstatSync(fd);
    const from = await firstKept(fd, size, options);
    if (from > 0) await beginAt(file, from, size);
  } finally {
    closeSync(fd);
  }
}

/** Where the first line begins that stays, in bytes. */
async function firstKept(fd: number, size: number, { isOld, most, kept }: CutOptions): Promise<number> {
  const least = size > most ? size - kept : 0;
  let from = least;
  let lines = 0;
  for (const { bytes, end } of readLines(fd, least)) {
    // Where it begins in mid-line, the rest of that line goes too.
    const isWhole = lines > 0 || least === 0;
    if (isWhole && !isOld(bytes.toString('utf8'))) return from;
    from = end;
    lines += 1;
    if (lines % LINES_PER_TURN === 0) await nextTurn();
  }
  return Math.min(from, size);
}

async function beginAt(file: string, from: number, size: number): Promise<void> {
  const draft = `${file}.tmp`;
  try {
    if (from >= size) writeFileSync(draft, '', { mode: PRIVATE_FILE });
    else
      await pipeline(
        createReadStream(file, { start: from, end: size - 1 }),
        createWriteStream(draft, { mode: PRIVATE_FILE }),
      );
    // What came meanwhile; from here to the end nobody else has a turn.
    appendFileSync(draft, readFrom(file, size));
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

function readFrom(file: string, start: number): Buffer {
  const fd = openSync(file, 'r');
  try {
    const rest = Buffer.alloc(Math.max(0, fstatSync(fd).size - start));
    return rest.subarray(0, readSync(fd, rest, 0, rest.length, start));
  } finally {
    closeSync(fd);
  }
}
