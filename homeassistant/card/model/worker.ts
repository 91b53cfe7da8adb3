import type { States } from '../homeassistant.ts';
import type { Slot } from './farm.ts';
import { isRecord, numberIn, numberOf, stateOf, stateTextOf, textIn, timeIn, timeOf } from './values.ts';

/** Why a worker was started. */
export interface Cause {
  kind: string;
  /** The named event on which it was, and the number of its `event_fired`. */
  event: string | null;
  seq: number | null;
}

/** What a slot shows now. */
export interface WorkerNow {
  /** `null`: unknown, as while the daemon is away. */
  status: string | null;
  /** It has a worker. */
  isBusy: boolean;
  worker: string | null;
  /** Its phase, as it is called, and which it is, from 1 on. */
  phaseTitle: string | null;
  phase: number | null;
  /** Percent. */
  progress: number | null;
  startedAt: number | null;
  eta: number | null;
  /** Paused by itself. */
  isPaused: boolean;
  cause: Cause | null;
  tempDir: string | null;
  destDir: string | null;
  /** What went wrong, or what its plotter waits for. */
  problem: string | null;
}

const FREE = new Set(['idle', 'failed']);

/** A slot, read from the states of its entities. */
export function workerNow(states: States, slot: Slot): WorkerNow {
  const status = stateTextOf(states, slot, 'status');
  const about = stateOf(states, slot, 'status')?.attributes;
  const problem = stateOf(states, slot, 'problem');
  const phaseTitle = stateTextOf(states, slot, 'phase');
  return {
    status,
    isBusy: status !== null && !FREE.has(status),
    worker: textIn(about, 'worker'),
    phaseTitle,
    phase: phaseNumber(phaseTitle, phaseTitles(states, slot)) ?? leading(stateTextOf(states, slot, 'stage')),
    progress: numberOf(states, slot, 'progress'),
    startedAt: timeIn(about?.started_at) ?? timeOf(states, slot, 'started'),
    eta: timeOf(states, slot, 'eta'),
    isPaused: stateTextOf(states, slot, 'paused') === 'on',
    cause: causeIn(about),
    tempDir: textIn(about, 'temp_dir'),
    destDir: textIn(about, 'dest_dir'),
    problem: problem?.state === 'on' || status === 'failed' ? textIn(problem?.attributes, 'text') : null,
  };
}

/** How the phases of a slot's plotter are called, in their order. */
export function phaseTitles(states: States, slot: Slot): readonly string[] {
  const options = stateOf(states, slot, 'phase')?.attributes.options;
  return Array.isArray(options) ? options.filter((each) => typeof each === 'string') : [];
}

/** Which phase a title is, from 1 on; of a stage's number (`3.2`) its phase. */
export function phaseNumber(state: string | null, titles: readonly string[]): number | null {
  if (state === null) return null;
  const index = titles.indexOf(state);
  return index >= 0 ? index + 1 : leading(state);
}

function leading(stage: string | null): number | null {
  const digits = /^\d+/.exec(stage ?? '')?.[0];
  return digits === undefined ? null : Number(digits);
}

/** Why it was started, as the attributes of its status say. */
export function causeIn(attributes: Readonly<Record<string, unknown>> | undefined): Cause | null {
  const cause = attributes?.cause;
  if (!isRecord(cause)) return null;
  const kind = textIn(cause, 'kind');
  return kind === null ? null : { kind, event: textIn(cause, 'event'), seq: numberIn(cause.seq) };
}
