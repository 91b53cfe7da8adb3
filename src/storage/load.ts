import { type JournalContent, readJournalFile } from './journal-file.ts';
import { type Format, migrateEntry, migrateSnapshot } from './migrate.ts';
import { readSnapshot, type Snapshot, StateTooNewError } from './snapshot.ts';
import type { StateFiles } from './state-files.ts';

/** Something that was found wrong: what to do about it, once everything has been read. */
export type Finding =
  | { kind: 'bad_file'; file: string; reason: string }
  | { kind: 'stray_journal'; file: string; reason: string }
  | { kind: 'damaged_journal'; file: string; line: number }
  | { kind: 'skipped_lines'; file: string; count: number }
  | { kind: 'lost'; message: string };

export interface Loaded {
  snapshot: unknown;
  /** Bytes of the state file used, 0 without one. */
  snapshotBytes: number;
  entries: unknown[];
  /** Generation that the entries start from. */
  base: number;
  /** Generation of the journal to go on with, how long it is once cut, and its lines. */
  last: { generation: number; goodBytes: number; records: number };
  /** Bytes of all journals read. */
  journalBytes: number;
  findings: Finding[];
  /** In words, what the state is made of: for the errors that tell of a finding. */
  used: string;
}

/** The state before any was written is generation 0, empty: a first journal needs no state file. */
const NOTHING: Base = { snapshot: null, bytes: 0, generation: 0, name: 'an empty state' };
interface Base {
  snapshot: Snapshot | null;
  bytes: number;
  generation: number;
  name: string;
}

/**
 * Reads what is there, changing nothing: the state file, or the one before it, and the journals that
 * follow it. Throws StateTooNewError, and the system's error for a file that can't be read.
 */
export function load(files: StateFiles, format: Format): Loaded {
  const findings: Finding[] = [];
  const journals = files.journals();
  const base = findBase(files, format, journals, findings);
  const chain = readChain(files, base, journals, findings);
  const records = chain.flatMap(({ content }) => content.records);
  for (const { file, content } of chain) {
    const newest = content.records.reduce((highest, record) => Math.max(highest, record.version), 0);
    if (newest > format.version) throw new StateTooNewError(file, newest, format.version);
  }
  const tail = chain.at(-1);
  return {
    snapshot: base.snapshot === null ? null : migrateSnapshot(base.snapshot, format),
    snapshotBytes: base.bytes,
    entries: records.map((record) => migrateEntry(record, format)),
    base: base.generation,
    last: {
      generation: tail?.generation ?? base.generation,
      goodBytes: tail?.content.goodBytes ?? 0,
      records: tail?.content.records.length ?? 0,
    },
    journalBytes: chain.reduce((sum, { content }) => sum + content.goodBytes, 0),
    findings,
    used: chain.length === 0 ? base.name : `${base.name} and ${chain.map(({ file }) => file).join(', ')}`,
  };
}

function findBase(files: StateFiles, format: Format, journals: number[], findings: Finding[]): Base {
  const state = readSnapshot(files.state, format.format, format.version);
  if (state.kind === 'good') return baseOf(state, files.state);
  const previous = readSnapshot(files.previous, format.format, format.version);
  if (state.kind === 'bad') findings.push({ kind: 'bad_file', file: files.state, reason: state.reason });
  if (previous.kind === 'good') {
    if (state.kind === 'absent') findings.push({ kind: 'lost', message: `${files.state} is missing` });
    return baseOf(previous, files.previous);
  }
  if (previous.kind === 'bad') {
    findings.push({ kind: 'bad_file', file: files.previous, reason: previous.reason });
  }
  // Without any state file, only journals that reach back to the beginning tell a state.
  if (journals.length > 0 && !journals.includes(0)) {
    findings.push({
      kind: 'lost',
      message: `there are journals in ${files.dir}, but no state file before them`,
    });
  }
  return NOTHING;
}

function baseOf({ snapshot, bytes }: { snapshot: Snapshot; bytes: number }, name: string): Base {
  return { snapshot, bytes, generation: snapshot.generation, name };
}

interface Link {
  generation: number;
  file: string;
  content: JournalContent;
}

function readChain(files: StateFiles, base: Base, journals: number[], findings: Finding[]): Link[] {
  const present = new Set(journals);
  const chain: Link[] = [];
  let generation = base.generation;
  let whole = true;
  for (; whole && present.has(generation); generation++) {
    const file = files.journal(generation);
    const content = readJournalFile(file);
    chain.push({ generation, file, content });
    if (content.skipped > 0) findings.push({ kind: 'skipped_lines', file, count: content.skipped });
    if (content.damage.kind === 'damaged') {
      findings.push({ kind: 'damaged_journal', file, line: content.damage.line });
      whole = false;
    }
  }
  if (base.snapshot !== null && chain.length === 0) {
    findings.push({ kind: 'lost', message: `${files.journal(base.generation)} is missing` });
  }
  const reason = whole ? 'nothing leads up to it' : 'what comes before it is damaged';
  for (const stray of journals.filter((number) => number >= generation)) {
    findings.push({ kind: 'stray_journal', file: files.journal(stray), reason });
  }
  return chain;
}
