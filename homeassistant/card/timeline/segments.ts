import { sampleAt, type Track } from '../history/tracks.ts';
import { textIn } from '../model/values.ts';
import { phaseNumber } from '../model/worker.ts';

/** What a slot did for a while. */
export type SegmentKind =
  /** Its plotter was in a phase. */
  | 'phase'
  /** The pre-command ran. */
  | 'before'
  /** The post-command ran, or it cleaned up. */
  | 'after'
  | 'paused'
  /** All of a plot, where its phases are too narrow. */
  | 'made'
  /** Home Assistant didn't know: the daemon or the broker was away. */
  | 'unknown'
  /** What is to come, until its ETA. */
  | 'ahead';

export interface Segment {
  kind: SegmentKind;
  /** Milliseconds since 1970. */
  from: number;
  to: number;
  /** From 1 on; `null` where it isn't known. */
  phase: number | null;
  /** How the phase is called. */
  title: string | null;
  worker: string | null;
}

/** A failure, and why, where that is known. */
export interface Mark {
  at: number;
  reason: string | null;
}

/** What is known of a slot, past and present. */
export interface SlotPast {
  status: Track;
  phase: Track;
  /** The titles of its plotter's phases, in their order. */
  titles: readonly string[];
}
export interface Span {
  from: number;
  to: number;
}

const KINDS: Readonly<Record<string, SegmentKind>> = {
  pre_process: 'before',
  plotting: 'phase',
  paused: 'paused',
  post_process: 'after',
  cleanup: 'after',
  unavailable: 'unknown',
  unknown: 'unknown',
};

/**
 * What a slot did in a span of time that ends now: pieces that don't overlap, oldest first; no piece while it was free
 * or nothing is known.
 */
export function pastSegments(past: SlotPast, span: Span): Segment[] {
  return allSegments(past).flatMap((segment): Segment[] => {
    const [from, to] = [Math.max(segment.from, span.from), Math.min(segment.to, span.to)];
    return from < to ? [{ ...segment, from, to }] : [];
  });
}

/** With a hundred slots the card would work them out anew for each that tells something. */
const known = new WeakMap<Track, { phase: Track; titles: string; segments: readonly Segment[] }>();

/** All that the tracks tell; the last piece goes on for ever. */
function allSegments(past: SlotPast): readonly Segment[] {
  const titles = past.titles.join('\n');
  const before = known.get(past.status);
  if (before?.phase === past.phase && before.titles === titles) return before.segments;
  const segments = piecesOf(past);
  known.set(past.status, { phase: past.phase, titles, segments });
  return segments;
}

function piecesOf(past: SlotPast): Segment[] {
  const segments: Segment[] = [];
  const bounds = [...new Set([...past.status, ...past.phase].map(({ at }) => at))].sort((a, b) => a - b);
  for (const [index, from] of bounds.entries()) {
    const piece = pieceAt(past, from, bounds[index + 1] ?? Number.POSITIVE_INFINITY);
    // An entity begins as unknown: that is no gap.
    if (piece === undefined || (piece.kind === 'unknown' && segments.length === 0)) continue;
    const last = segments.at(-1);
    if (last && last.to === piece.from && isSame(last, piece)) last.to = piece.to;
    else segments.push(piece);
  }
  return segments;
}

function pieceAt(past: SlotPast, from: number, to: number): Segment | undefined {
  const status = sampleAt(past.status, from);
  const kind = status && KINDS[status.state];
  if (!kind) return undefined;
  const told = kind === 'phase' || kind === 'paused' ? phaseAt(past, status.at, from, to) : null;
  const phase = phaseNumber(told, past.titles);
  // A stage's number (`3.2`) is no title, and its phase goes on.
  const title = told !== null && past.titles.includes(told) ? told : null;
  return { kind, from, to, title, phase, worker: textIn(status.attributes, 'worker') };
}

/** The phase at a moment, or the one that its worker's status began with. */
function phaseAt({ phase }: SlotPast, since: number, from: number, to: number): string | null {
  const known = sampleAt(phase, from);
  if (known && !NO_PHASE.has(known.state)) return known.state;
  // The two entities' states come one after the other: a phase that begins a moment later is meant.
  const next = phase.find(({ at }) => at > from);
  const soon = next && next.at - Math.max(since, from) < SETTLING_MS && next.at <= to + SETTLING_MS;
  return soon && !NO_PHASE.has(next.state) ? next.state : null;
}

const NO_PHASE = new Set(['unknown', 'unavailable']);
const SETTLING_MS = 2_000;

function isSame(one: Segment, other: Segment): boolean {
  return one.kind === other.kind && one.phase === other.phase && one.worker === other.worker;
}

/** The failures of a slot, in a span: whose they were, '' where that isn't known. */
export function failuresIn(status: Track, { from, to }: Span): { at: number; worker: string }[] {
  return status.flatMap(({ at, state }, index) => {
    const before = status[index - 1];
    const isFailure = state === 'failed' && BEFORE_FAILURE.has(before?.state ?? '');
    if (!isFailure || at < from || at > to) return [];
    return [{ at, worker: textIn(before?.attributes, 'worker') ?? '' }];
  });
}

/** What a slot was before it had failed; after a restart of Home Assistant it is `failed` again without a failure. */
const BEFORE_FAILURE = new Set(
  Object.keys(KINDS)
    .filter((state) => KINDS[state] !== 'unknown')
    .concat('idle'),
);

/** What is to come: from now until an ETA; nothing where that has passed or isn't known. In which phase isn't known. */
export function aheadSegment(now: number, eta: number | null): Segment[] {
  if (eta === null || eta <= now) return [];
  return [{ kind: 'ahead', from: now, to: eta, phase: null, title: null, worker: null }];
}
