import { findBase } from './base.ts';
import { type Mark, readMark } from './end-mark.ts';
import { type JournalContent, readJournalFile } from './journal-file.ts';
import { type Format, migrateEntry } from './migrate.ts';
import { StateTooNewError } from './snapshot.ts';
import type { StateFiles } from './state-files.ts';

/** Something that was found wrong: what to do about it, once everything has been read. */
export type Finding =
  | { kind: 'bad_file'; file: string; reason: string }
  | { kind: 'damaged_journal'; file: string; line: number }
  | { kind: 'torn_journal'; file: string }
  | { kind: 'short_journal'; file: string; records: number }
  | { kind: 'bad_mark'; file: string }
  | { kind: 'skipped_lines'; file: string; count: number }
  | { kind: 'missing'; message: string };

export interface Loaded {
  /** `null`: there is none. */
  snapshot: unknown;
  /** Milliseconds since 1970. */
  savedAt: number;
  /** Bytes of the state file used, 0 without one. */
  snapshotBytes: number;
  entries: unknown[];
  /** The oldest version among what was read. */
  version: number;
  /** Generation that the entries start from. */
  base: number;
  /** The journal to go on with: how long it is once cut, its last record's number, and that in the one before. */
  last: { generation: number; goodBytes: number; number: number; before: number };
  /** Bytes of all journals read. */
  journalBytes: number;
  findings: Finding[];
  /** Something that had been written down, and may have been told, is gone. */
  lost: boolean;
  /** In words, what the state is made of: for the errors that tell of a finding. */
  used: string;
}

/**
 * Reads what is there, changing nothing: the newest state file that is whole, and all that the journals since
 * then have left. Throws StateTooNewError, and the system's error for a file that can't be read.
 */
export function load(files: StateFiles, format: Format): Loaded {
  const findings: Finding[] = [];
  const journals = files.journals();
  const base = findBase(files, format, journals, findings);
  const instead = findings.length > 0;
  const chain = readChain(files, base.generation, journals, findings);
  for (const { file, content } of chain) refuseNewer(file, content, format);
  const mark = readMark(files.mark);
  const known = base.state === null || base.version < format.version;
  if (mark === 'damaged' || (mark === null && !known)) findings.push({ kind: 'bad_mark', file: files.mark });
  const end = mark === 'damaged' ? null : mark;
  const short = findShort(end, chain, findings);
  const { generation, state } = base;
  const marked = end?.generation ?? -1;
  const gap = findGap(files, { generation, fresh: state === null, instead, marked }, chain, findings);
  const records = chain.flatMap(({ content }) => content.records);
  const tail = chain.at(-1);
  const damaged = chain.some(({ content }) => content.damagedAt !== null || content.unreadable !== null);
  return {
    snapshot: base.state,
    savedAt: base.savedAt,
    snapshotBytes: base.bytes,
    entries: records.map((record) => migrateEntry(record, format)),
    version: records.reduce((oldest, record) => Math.min(oldest, record.version), base.version),
    base: generation,
    last: {
      generation: tail?.generation ?? generation,
      goodBytes: tail?.content.goodBytes ?? 0,
      number: tail?.content.lastNumber ?? 0,
      before: lastBefore(tail?.generation ?? generation, end),
    },
    journalBytes: chain.reduce((sum, { content }) => sum + content.goodBytes, 0),
    findings,
    lost: gap || short || damaged || (base.state === null && instead),
    used: [base.name, ...chain.map(({ file }) => file)].join(', '),
  };
}

interface Link {
  generation: number;
  file: string;
  content: JournalContent;
}

/** Reads every journal since the base. Later ones are used whatever is gone before them: they say how things are. */
function readChain(files: StateFiles, base: number, journals: number[], findings: Finding[]): Link[] {
  return journals
    .filter((generation) => generation >= base)
    .map((generation) => {
      const file = files.journal(generation);
      const content = readJournalFile(file, generation);
      lookAt(file, content, findings);
      return { generation, file, content };
    });
}

function lookAt(file: string, content: JournalContent, findings: Finding[]): void {
  const { skipped, damagedAt, torn, unreadable } = content;
  if (unreadable !== null) {
    findings.push({ kind: 'bad_file', file, reason: unreadable });
    return;
  }
  if (skipped > 0) findings.push({ kind: 'skipped_lines', file, count: skipped });
  if (damagedAt !== null) findings.push({ kind: 'damaged_journal', file, line: damagedAt });
  if (torn) findings.push({ kind: 'torn_journal', file });
}

/** Whether a journal ends before the last record that was written to it. */
function findShort(mark: Mark | null, chain: Link[], findings: Finding[]): boolean {
  // Where nothing says whether a line without its end was ever whole, it may have been.
  if (mark === null) return chain.some(({ content }) => content.torn);
  const wanted = new Map([
    [mark.generation, mark.number],
    [mark.generation - 1, mark.before],
  ]);
  let short = false;
  for (const { generation, file, content } of chain) {
    const records = (wanted.get(generation) ?? 0) - content.lastNumber;
    if (records <= 0 || content.unreadable !== null) continue;
    findings.push({ kind: 'short_journal', file, records });
    short = true;
  }
  return short;
}

/** The number of the last record in the journal before the one to go on with, as far as that is known. */
function lastBefore(generation: number, mark: Mark | null): number {
  if (mark?.generation === generation) return mark.before;
  return mark?.generation === generation - 1 ? mark.number : 0;
}

/** Whether a journal is missing that must have been there. */
function findGap(
  files: StateFiles,
  base: { generation: number; fresh: boolean; instead: boolean; marked: number },
  chain: Link[],
  findings: Finding[],
): boolean {
  const present = new Set(chain.map(({ generation }) => generation));
  // A state file is written after the journal that follows it: the one before leads on by two.
  const least = base.fresh ? base.generation - 1 : base.generation + (base.instead ? 1 : 0);
  const last = Math.max(least, base.marked, chain.at(-1)?.generation ?? least);
  const missing: string[] = [];
  for (let generation = base.fresh ? 0 : base.generation; generation <= last; generation++)
    if (!present.has(generation)) missing.push(files.journal(generation));
  const [first, ...others] = missing;
  if (first === undefined) return false;
  const more = others.length === 0 ? 'is' : `and ${others.length} more are`;
  findings.push({ kind: 'missing', message: `${first} ${more} missing` });
  return true;
}

/** Throws where a record is of a newer version than this program knows. */
function refuseNewer(file: string, content: JournalContent, format: Format): void {
  const newest = content.records.reduce((highest, record) => Math.max(highest, record.version), 0);
  if (newest > format.version) throw new StateTooNewError(file, newest, format.version);
}
