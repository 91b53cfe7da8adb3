import type { Track, Tracks } from '../history/tracks.ts';
import type { States } from '../homeassistant.ts';
import type { Daemon, Job, Move, Slot } from '../model/farm.ts';
import { numberOf, stateOf } from '../model/values.ts';
import { phaseTitles, type WorkerNow, workerNow } from '../model/worker.ts';
import { type Arrow, arrowsInto, firedIn } from './arrows.ts';
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
  state: string | null;
  waiting: number | null;
  moving: number | null;
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
  const fired = firedIn(trackOf(known, daemon.entities.get('event')));
  return {
    daemon,
    jobs: daemon.jobs.map((job) => ({ job, rows: job.slots.map((slot) => slotRow(known, job, slot)) })),
    moves: daemon.moves.map((move) => moveRow(known, move)),
    arrows: daemon.jobs.flatMap((job) =>
      job.slots.flatMap(({ slot, entities }) =>
        arrowsInto({ job: job.id, slot, status: trackOf(known, entities.get('status')) }, fired),
      ),
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
  const ids = (things: readonly { entities: ReadonlyMap<string, string> }[], keys: readonly string[]) =>
    things.flatMap(({ entities }) => keys.flatMap((key) => entities.get(key) ?? []));
  const slots = daemons.flatMap(({ jobs }) => jobs.flatMap((job) => job.slots));
  const moves = daemons.flatMap((daemon) => daemon.moves);
  return {
    withAttributes: [...ids(daemons, ['event']), ...ids(slots, ['status'])],
    statesOnly: [...slots.flatMap((slot) => phaseEntity(slot) ?? []), ...ids(moves, ['state'])],
  };
}

/** Where a slot's phase is: in its stage, where there is no entity for the phase. */
function phaseEntity({ entities }: Slot): string | undefined {
  return entities.get('phase') ?? entities.get('stage');
}

function slotRow(known: Known, job: Job, slot: Slot): SlotRow {
  const { states, now, past } = known;
  const worker = workerNow(states, slot);
  const status = trackOf(known, slot.entities.get('status'));
  const titles = phaseTitles(states, slot);
  const segments = pastSegments({ status, phase: trackOf(known, phaseEntity(slot)), titles }, past);
  const ahead = worker.isBusy ? aheadSegment(now, worker) : [];
  return { job, slot, worker, segments: [...segments, ...ahead], marks: failuresIn(status, past) };
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
  const track = trackOf(known, move.entities.get('state'));
  const { states, past } = known;
  const segments = track.flatMap(({ at, state }, index): Segment[] => {
    const kind = MOVE_KINDS[state];
    const [from, to] = [Math.max(at, past.from), Math.min(track[index + 1]?.at ?? past.to, past.to)];
    return kind && to > from ? [{ kind, from, to, phase: null, title: null, worker: null }] : [];
  });
  return {
    ...{ move, segments, state: stateOf(states, move, 'state')?.state ?? null },
    waiting: numberOf(states, move, 'files_waiting'),
    moving: numberOf(states, move, 'files_moving'),
  };
}

function trackOf({ tracks }: Known, id: string | undefined): Track {
  return (id === undefined ? undefined : tracks.get(id)) ?? [];
}
