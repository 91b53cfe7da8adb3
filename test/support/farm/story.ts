/** What happened on a farm that never was: which plots its workers made, and when. All times are milliseconds. */

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
/** Bytes of a k32 plot. */
export const PLOT = 108_900_000_000;
/** The phases of the original plotter and of MadMax, and their shares of a plot's time. */
export const PHASES = [
  'Forward propagation',
  'Back propagation',
  'Compression',
  'Checkpoint tables',
  'Move to the destination',
];
const SHARES = [0.42, 0.24, 0.28, 0.04, 0.02];
/** So far back the story goes: what was made in a day is counted in it, and began before. */
const TOLD = 34 * HOUR;
const EVENT_TAKES = 2_000;

/** A job of the farm. */
export interface JobStory {
  id: string;
  title: string;
  slots: number;
  /** The slot of the latest start; the ones before it were in the slots before. Default: the first. */
  latest?: number;
  /** How long a plot takes, in hours. */
  hours: number;
  /** Minutes between two starts; else all slots are busy nearly all the time. */
  every?: number;
  /** Minutes since the latest start. */
  ago?: number;
  /** Started by a named event that its own worker before fires; else it keeps running. */
  chained?: boolean;
  /** What one plot went through, by how many starts ago that was. */
  troubles?: Readonly<Record<number, Trouble>>;
  /** 0: as many as there are. */
  toDo?: number;
  /** Plots made before what is told here. */
  before?: number;
  blocked?: { reason: 'missing_directory'; text: string };
  waiting?: { reason: 'limit' | 'max_workers' | 'event'; text: string };
  tempDir?: string;
  destDir?: string;
}
/** At a share of its plot it failed, or was paused for some minutes. */
export type Trouble = { at: number; error: string } | { at: number; minutes: number };

/** A worker, from its start to its end, or to what its end will be. */
export interface Work {
  job: JobStory;
  slot: number;
  id: string;
  from: number;
  to: number;
  error: string | null;
  pause: { from: number; to: number } | null;
  cause: {
    kind: 'event' | 'keep_running';
    event: string | null;
    seq: number | null;
    firedAt: number;
    firedBy: number | null;
  };
  /** When each of its phases began, or will begin. */
  phases: readonly { title: string; from: number }[];
}

/** The workers of a job, the oldest first; the last ones run. */
export function workOf(job: JobStory, now: number, seq: () => number): Work[] {
  if (job.slots === 0 || job.blocked) return [];
  const every = (job.every ?? (job.hours * 60 + 4) / job.slots) * MINUTE;
  const latest = now - (job.ago ?? 6) * MINUTE;
  const count = Math.floor((latest - (now - TOLD)) / every);
  return Array.from({ length: count }, (_, index) => {
    const startsAgo = count - 1 - index;
    return oneWork(job, startsAgo, latest - startsAgo * every, seq());
  });
}

function oneWork(job: JobStory, startsAgo: number, from: number, seq: number): Work {
  const slot = slotOf(job, startsAgo);
  const long = job.hours * HOUR;
  const trouble = job.troubles?.[startsAgo];
  const failed = trouble && 'error' in trouble ? trouble : null;
  const paused = trouble && 'minutes' in trouble ? trouble : null;
  const stop = paused && from + paused.at * long;
  const pause = stop && paused ? { from: stop, to: stop + paused.minutes * MINUTE } : null;
  const later = (at: number) => (pause && at > pause.from ? at + pause.to - pause.from : at);
  let share = 0;
  const phases = PHASES.map((title, index) => {
    const begun = later(from + share * long);
    share += SHARES[index] ?? 0;
    return { title, from: begun };
  });
  const to = failed ? from + failed.at * long : later(from + long);
  return {
    ...{ job, slot, from, to, pause, error: failed?.error ?? null },
    id: `${job.id}-${String(seq).padStart(5, '0')}`,
    phases: phases.filter((phase) => phase.from < to),
    cause: job.chained
      ? {
          ...{ kind: 'event', event: 'next', seq },
          ...{ firedAt: from - EVENT_TAKES, firedBy: slotOf(job, startsAgo + 1) },
        }
      : { kind: 'keep_running', event: null, seq: null, firedAt: from, firedBy: null },
  };
}

/** Slots come one after the other. */
function slotOf({ slots, latest = 1 }: JobStory, startsAgo: number): number {
  return ((slots * 1000 + latest - 1 - startsAgo) % slots) + 1;
}

/** How far a worker is, in percent of its plot. */
export function progressOf({ from, to, pause }: Work, now: number): number {
  const paused = pause === null ? 0 : Math.max(0, Math.min(now, pause.to) - pause.from);
  const long = to - from - (pause === null ? 0 : pause.to - pause.from);
  return Math.min(100, (100 * (now - from - paused)) / long);
}

export const isRunning = ({ from, to }: Work, now: number): boolean => from <= now && to > now;
/** Plots that it made by then. */
export const isMade = ({ to, error }: Work, now: number): boolean => to <= now && error === null;
