import { createReadStream } from 'node:fs';
import { codeOf } from '../util/errors.ts';
import { isObject } from '../util/objects.ts';
import { type CountedLine, historyKey, isWorkersEnd, MOVED, parseLine } from './history.ts';
import { streamLines } from './stream-lines.ts';

/** Which workers are looked for. */
export interface Wanted {
  job: string | null;
  /** Milliseconds since 1970. */
  since: number | null;
  limit: number;
}

export interface FoundEnds {
  /** What the last of their lines say, the newest last. */
  lines: Record<string, unknown>[];
  /** How many there are. */
  total: number;
}

/**
 * Looks for workers that have ended, in the history and in lines that are still to be written there: each once, however
 * often its line is there, and with its plot where that was moved to. The file is read chunk by chunk, so that a long one holds nobody up. Rejects with the
 * system's error where it can't be read; one that isn't there has no lines.
 */
export async function findEnds(
  file: string,
  unwritten: Iterable<CountedLine>,
  wanted: Wanted,
): Promise<FoundEnds> {
  const seen = new Set<string>();
  const lines: Record<string, unknown>[] = [];
  /** By worker, where its plot is now. */
  const moved = new Map<unknown, string>();
  const take = (text: string) => {
    const line = parseLine(text);
    if (line?.result === MOVED && line.worker !== null && line.plot !== null)
      moved.set(line.worker, line.plot);
    if (line === null || !isWanted(line, wanted) || seen.has(historyKey(line))) return;
    seen.add(historyKey(line));
    const whole: unknown = JSON.parse(text);
    if (isObject(whole)) lines.push(whole);
    if (lines.length > wanted.limit) lines.shift();
  };
  // What is written while the file is read is in it, or in these, or came later.
  const later = [...unwritten].map((line) => JSON.stringify(line));
  for await (const text of linesOf(file)) take(text);
  for (const text of later) take(text);
  const present = lines.map((line) => ({
    ...line,
    ...(moved.has(line.worker) && { plot: moved.get(line.worker) }),
  }));
  return { lines: present, total: seen.size };
}

function isWanted(line: CountedLine, { job, since }: Wanted): boolean {
  if (!isWorkersEnd(line) || (job !== null && line.job !== job)) return false;
  return since === null || Date.parse(line.ended_at) >= since;
}

async function* linesOf(file: string): AsyncGenerator<string> {
  try {
    yield* streamLines(createReadStream(file));
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}
