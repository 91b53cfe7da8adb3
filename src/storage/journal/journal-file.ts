import { closeSync, openSync } from 'node:fs';
import { readLines } from '../lines.ts';
import { decodeRecord, type JournalRecord } from './record.ts';
import { unreadable } from '../unreadable.ts';

/** What one journal holds: every line that is whole, whatever stands between them. */
export interface JournalContent {
  records: JournalRecord[];
  /** Number of the last record used, 0 where there is none: the next one gets the next. */
  lastNumber: number;
  /** Length up to the end of the last line used, in bytes. */
  goodBytes: number;
  /** Lines passed over since nothing acknowledged is missing there: a write that failed and was told so. */
  skipped: number;
  /** The first line (1 is the first) at which something that counted is gone; `null` where nothing is. */
  damagedAt: number | null;
  /** The last line has no end: its writer was killed in the middle of it, or it was cut off later. */
  torn: boolean;
  /** Why it can't be read at all, `null` where it can. */
  unreadable: string | null;
}

/** Reads the journal of a generation. Throws the system's error where it may not be read. */
export function readJournalFile(file: string, generation: number): JournalContent {
  const fd = openSync(file, 'r');
  const content = nothingRead();
  try {
    readRecords(fd, generation, content);
  } catch (error) {
    content.unreadable = unreadable(error);
  } finally {
    closeSync(fd);
  }
  return content;
}

function nothingRead(): JournalContent {
  return {
    records: [],
    lastNumber: 0,
    goodBytes: 0,
    skipped: 0,
    damagedAt: null,
    torn: false,
    unreadable: null,
  };
}

function readRecords(fd: number, generation: number, content: JournalContent): void {
  /** Bad lines since the last good one: where they begin, and whether a newline ends the last of them. */
  const bad = { count: 0, line: 0, terminated: false };
  let line = 0;
  for (const { bytes, end, terminated } of readLines(fd)) {
    line += 1;
    // An empty line is the beginning of a new one after a torn one.
    if (bytes.length === 0) continue;
    const record = terminated ? decodeRecord(bytes, generation) : null;
    // One that is behind what was read already is no continuation of it.
    if (record === null || record.number <= content.lastNumber) {
      if (bad.count === 0) bad.line = line;
      bad.count += 1;
      bad.terminated = terminated;
      continue;
    }
    if (record.number === content.lastNumber + 1) content.skipped += bad.count;
    else content.damagedAt ??= bad.count > 0 ? bad.line : line;
    content.records.push(record);
    content.lastNumber = record.number;
    content.goodBytes = end;
    bad.count = 0;
  }
  if (bad.count === 1 && !bad.terminated) content.torn = true;
  else if (bad.count > 0) content.damagedAt ??= bad.line;
}
