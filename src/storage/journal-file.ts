import { closeSync, openSync } from 'node:fs';
import { readLines } from './lines.ts';
import { decodeRecord, type JournalRecord } from './record.ts';

/** What one journal holds, read up to its end or to the first damage that can't be passed. */
export interface JournalContent {
  records: JournalRecord[];
  /** Length up to the end of the last line used, in bytes. */
  goodBytes: number;
  /** Lines passed over since nothing acknowledged is missing there: a write that failed and was told so. */
  skipped: number;
  /**
   * `none`; `torn`: only the last line, cut off by a crash before anybody was told; `damaged`: lines that
   * counted are lost, from line `line` (1 is the first) on.
   */
  damage: { kind: 'none' } | { kind: 'torn' } | { kind: 'damaged'; line: number };
}

/** Reads a journal line by line. Throws the system's error where it can't be read. */
export function readJournalFile(file: string): JournalContent {
  const fd = openSync(file, 'r');
  try {
    return readRecords(fd);
  } finally {
    closeSync(fd);
  }
}

function readRecords(fd: number): JournalContent {
  const content: JournalContent = { records: [], goodBytes: 0, skipped: 0, damage: { kind: 'none' } };
  /** Bad lines since the last good one: where they begin, and whether a newline ends the last of them. */
  const bad = { count: 0, line: 0, terminated: false };
  let line = 0;
  for (const { bytes, end, terminated } of readLines(fd)) {
    line += 1;
    // An empty line is the beginning of a new one after a torn one.
    if (bytes.length === 0) continue;
    const record = terminated ? decodeRecord(bytes) : null;
    if (record === null) {
      if (bad.count === 0) bad.line = line;
      bad.count += 1;
      bad.terminated = terminated;
    } else if (record.number === content.records.length + 1) {
      content.records.push(record);
      content.goodBytes = end;
      content.skipped += bad.count;
      bad.count = 0;
    } else {
      content.damage = { kind: 'damaged', line: bad.count > 0 ? bad.line : line };
      return content;
    }
  }
  if (bad.count > 0) {
    const torn = bad.count === 1 && !bad.terminated;
    content.damage = torn ? { kind: 'torn' } : { kind: 'damaged', line: bad.line };
  }
  return content;
}
