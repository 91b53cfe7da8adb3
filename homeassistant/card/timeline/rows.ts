import type { Track, Tracks } from '../history/tracks.ts';
import type { States } from '../homeassistant.ts';
import type { Daemon, Job, Move, Slot, Thing } from '../model/farm.ts';
import { type MoveNow, moveNow } from '../model/move.ts';
import { entityOf } from '../model/values.ts';
import { phaseTitles, type WorkerNow, workerNow } from '../model/worker.ts';
import { type Arrow, arrowsInto, errorsIn, firedIn } from './arrows.ts';
import { aheadSegment, failuresIn, type Mark, pastSegments, type Segment, type Span } from './segments.ts';

/** A slot's row. */
export interface SlotRow {
  job: Job;
  slot: Slot;
  worker: WorkerNow;
  segments: readonly Segment[];
  marks: readonly Mark[];
}
export interface MoveRow {
  move: Move;
  isAt: MoveNow;
  segments: readonly Segment[];
}
export interface JobRows {
  job: Job;
  rows: readonly SlotRow[];
}
/** What is drawn of a daemon. */
export interface DaemonRows {
  daemon: Daemon;
  jobs: readonly JobRows[];
  moves: readonly MoveRow[];
  arrows: readonly Arrow[];
}

/** What all of it is drawn from. */
export interface Known {
  states: States;
  tracks: Tracks;
  now: number;
  past: Span;
}

/** The rows of a daemon's jobs and moves, and the arrows between them. */
export function rowsOf(known: Known, daemon: Daemon): DaemonRows {
  const events = trackOf(known, entityOf(daemon, 'event'));
  const [fired, errors] = [firedIn(events), errorsIn(events)];
  return {
    daemon,
    jobs: daemon.jobs.map((job) => ({
      job,
      rows: job.slots.map((slot) => slotRow(known, job, slot, errors)),
    })),
    moves: daemon.moves.map((move) => moveRow(known, move)),
    arrows: daemon.jobs.flatMap((job) =>
      job.slots.flatMap((slot) => {
        const status = trackOf(known, entityOf(slot, 'status'));
        return arrowsInto({ job: job.id, slot: slot.slot, status }, fired);
      }),
    ),
  };
}

/** The same rows with other segments. */
export function mapSegments(
  rows: DaemonRows,
  change: (segments: readonly Segment[]) => readonly Segment[],
): DaemonRows {
  const jobs = rows.jobs.map(({ job, rows: own }) => ({
    job,
    rows: own.map((row) => ({ ...row, segments: change(row.segments) })),
  }));
  return { ...rows, jobs };
}

/** Entities whose past is drawn: of some the attributes too. */
export function wantedTracks(daemons: readonly Daemon[]): { withAttributes: string[]; statesOnly: string[] } {
  const ids = <Key extends string>(things: readonly Thing<Key>[], key: NoInfer<Key>) =>
    things.flatMap((thing) => entityOf(thing, key) ?? []);
  const slots = daemons.flatMap(({ jobs }) => jobs.flatMap((job) => job.slots));
  const moves = daemons.flatMap((daemon) => daemon.moves);
  return {
    withAttributes: [...ids(daemons, 'event'), ...ids(slots, 'status')],
    statesOnly: [...slots.flatMap((slot) => phaseEntity(slot) ?? []), ...ids(moves, 'state')],
  };
}

/** Where a slot's phase is: in its stage, where there is no entity for the phase. */
function phaseEntity(slot: Slot): string | undefined {
  return entityOf(slot, 'phase') ?? entityOf(slot, 'stage');
}

function slotRow(known: Known, job: Job, slot: Slot, errors: ReadonlyMap<string, string>): SlotRow {
  const { states, now, past } = known;
  const worker = workerNow(states, slot);
  const status = trackOf(known, entityOf(slot, 'status'));
  const titles = phaseTitles(states, slot);
  const segments = pastSegments({ status, phase: trackOf(known, phaseEntity(slot)), titles }, past);
  const ahead = worker.isBusy ? aheadSegment(now, worker.eta) : [];
  const marks = failuresIn(status, past).map(({ at, worker: id }) => ({
    at,
    reason: errors.get(id) ?? null,
  }));
  return { job, slot, worker, segments: [...segments, ...ahead], marks };
}

/** A move's states as segments: on its way, or kept from it. */
const MOVE_KINDS: Readonly<Record<string, Segment['kind']>> = {
  moving: 'phase',
  waiting: 'paused',
  paused: 'paused',
  blocked: 'paused',
  unavailable: 'unknown',
};

function moveRow(known: Known, move: Move): MoveRow {
  const track = trackOf(known, entityOf(move, 'state'));
  const { states, past, now } = known;
  const isAt = moveNow(states, move, now);
  const segments = track.flatMap(({ at, state }, index): Segment[] => {
    const kind = MOVE_KINDS[state];
    const [from, to] = [Math.max(at, past.from), Math.min(track[index + 1]?.at ?? past.to, past.to)];
    return kind && to > from ? [{ kind, from, to, phase: null, title: null, worker: null }] : [];
  });
  return { move, isAt, segments: [...segments, ...aheadSegment(now, isAt.eta)] };
}

function trackOf({ tracks }: Known, id: string | undefined): Track {
  return (id === undefined ? undefined : tracks.get(id)) ?? [];
}
