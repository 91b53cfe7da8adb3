import type { Finding } from './load.ts';
import { type Format, migrateSnapshot } from './migrate.ts';
import { readSnapshot } from './snapshot.ts';
import type { StateFiles } from './state-files.ts';

/** What the journals' entries are applied to. */
export interface Base {
  /** In today's shape; `null`: the state before any was written. */
  state: unknown;
  /** When it was written, milliseconds since 1970. */
  savedAt: number;
  /** Version of its file's shape. */
  version: number;
  bytes: number;
  /** Its first journal has this number. */
  generation: number;
  /** In words, for the errors that tell of a finding. */
  name: string;
}

type Candidate = Base & { file: string };

/** The newest state file that can be used: mostly `state.json`, and only where that is odd the other is read. */
export function findBase(files: StateFiles, format: Format, journals: number[], findings: Finding[]): Base {
  const state = candidate(files.state, format);
  if (state.kind === 'good' && isFollowed(state.base.generation, journals)) return state.base;
  const previous = candidate(files.previous, format);
  for (const { kind, file, reason } of [state, previous])
    if (kind === 'bad') findings.push({ kind: 'bad_file', file, reason });
  if (state.kind === 'good' && previous.kind === 'good') return newer(state.base, previous.base, findings);
  if (state.kind === 'good') return state.base;
  if (previous.kind === 'good') {
    if (state.kind === 'absent') findings.push({ kind: 'missing', message: `${files.state} is missing` });
    return previous.base;
  }
  const nothing: Base = {
    state: null,
    savedAt: 0,
    version: format.version,
    bytes: 0,
    generation: journals[0] ?? 0,
    name: 'an empty state',
  };
  if (state.kind === 'absent' && previous.kind === 'absent' && nothing.generation > 0)
    findings.push({ kind: 'missing', message: `${files.state} and ${files.previous} are missing` });
  return nothing;
}

/** Whether the journals go on from a state file without a gap, as they always do. */
function isFollowed(generation: number, journals: number[]): boolean {
  const later = journals.filter((journal) => journal >= generation);
  return later.length > 0 && later.every((journal, index) => journal === generation + index);
}

function newer(state: Candidate, previous: Candidate, findings: Finding[]): Base {
  if (previous.generation <= state.generation) return state;
  findings.push({ kind: 'bad_file', file: state.file, reason: `it is older than ${previous.file}` });
  return previous;
}

type Looked =
  | { kind: 'good'; file: string; reason: ''; base: Candidate }
  | { kind: 'bad'; file: string; reason: string }
  | { kind: 'absent'; file: string; reason: '' };

function candidate(file: string, format: Format): Looked {
  const found = readSnapshot(file, format.format, format.version);
  if (found.kind === 'absent') return { kind: 'absent', file, reason: '' };
  if (found.kind === 'bad') return { kind: 'bad', file, reason: found.reason };
  const { snapshot, bytes, sealed } = found;
  const state = migrateSnapshot(snapshot, format);
  const fault = format.fault?.(state, { sealed }) ?? null;
  if (fault !== null) return { kind: 'bad', file, reason: fault };
  const savedAt = Date.parse(snapshot.saved_at) || 0;
  const { version, generation } = snapshot;
  return {
    kind: 'good',
    file,
    reason: '',
    base: { state, savedAt, version, bytes, generation, file, name: file },
  };
}
