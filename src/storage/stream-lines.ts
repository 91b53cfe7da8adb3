import type { ReadStream } from 'node:fs';

const NEWLINE = 0x0a;

/** The lines of a file, held in memory one chunk at a time; the last one needs no newline, empty ones are passed over. */
export async function* streamLines(stream: ReadStream): AsyncGenerator<string> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of stream) {
    if (!Buffer.isBuffer(chunk)) continue;
    const all = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const end = all.lastIndexOf(NEWLINE) + 1;
    rest = all.subarray(end);
    for (const text of all.toString('utf8', 0, end).split('\n')) if (text !== '') yield text;
  }
  if (rest.length > 0) yield rest.toString('utf8');
}
