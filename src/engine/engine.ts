import { withoutValue } from './model/collections.ts';
import { dispatchFired, fireStartup } from './jobs/dispatch.ts';
import type { Input } from './inputs.ts';
import { configure } from './jobs/jobs.ts';
import {
  launchFailed,
  logOverflowed,
  processExited,
  processLaunched,
  workerCleaned,
} from './working/lifecycle.ts';
import { logSaid, progressMoved } from './working/plotter-log.ts';
import { resumeDelays, timerDue } from './jobs/named-events.ts';
import { obey } from './jobs/command-rules.ts';
import { probe, recheck } from './starting/probing.ts';
import { askForOldPlots, replotFound, replotRemoved } from './moving/replotting.ts';
import { startProbed } from './starting/starts.ts';
import type { JobState, State, WorkerState } from './model/state.ts';
import { beginWork } from './working/steps.ts';
import { type Memory, type Outcome, type Settings, type Surroundings, Turn } from './transaction.ts';
import { recoverWaiting, roomSeen } from './working/plotter-waits.ts';
import { giveUpWaiting } from './unstored.ts';

/** What the engine remembers when it has just come up. */
export function freshMemory(settings: Settings): Memory {
  return {
    settings,
    probing: new Set(),
    manual: new Map(),
    dismissals: new Map(),
    deletions: new Map(),
    unwritten: new Map(),
    seeking: new Set(),
    latest: 0,
  };
}

/**
 * The engine: a state and something that happened give a new state, events, and things to do. The state is
 * changed in place; `outcome.entry` holds the same changes, to be written down before anything of the outcome
 * is done or told. No clock, file, process or broker is touched.
 */
export function step(state: State, memory: Memory, surroundings: Surroundings, input: Input): Outcome {
  const turn = new Turn(state, memory, surroundings);
  take(turn, input);
  dispatchFired(turn);
  return turn.outcome();
}

function take(turn: Turn, input: Input): void {
  switch (input.type) {
    case 'command':
      return obey(turn, input.ticket, input.command);
    case 'configured':
      if (input.settings) turn.memory.settings = input.settings;
      return configure(turn, input.jobs);
    case 'recover':
      return recover(turn);
    case 'startup':
      return fireStartup(turn);
    case 'probed': {
      // A look that nobody waits for any more is stale.
      const waited = turn.memory.probing.has(input.job);
      turn.memory.probing = withoutValue(turn.memory.probing, input.job);
      const job = turn.state.jobs.get(input.job);
      if (!job || !waited) return;
      return input.facts === null ? probe(turn, job) : startProbed(turn, job, input.facts);
    }
    case 'unstorable':
      return giveUpWaiting(turn, input.ends);
    case 'history_written':
      for (const line of input.workers)
        if (turn.state.history.has(line)) turn.change(['history', line, null]);
      // Also where it is as long as the state says: what was looked up at the start is in no journal yet.
      if (input.bytes !== undefined) turn.change(['meta', { history_bytes: input.bytes }]);
      return;
    case 'acked':
      return acked(turn, Math.min(input.seq, turn.state.seq));
    case 'instance_taken':
      return turn.change(['meta', { instance: input.instance }]);
    case 'wake':
      for (const key of input.keys) {
        wake(turn, key);
        dispatchFired(turn);
      }
      return;
    default:
      return takeForWorker(turn, input);
  }
}

function acked(turn: Turn, seq: number): void {
  if (seq > turn.state.acked) turn.change(['meta', { acked: seq }]);
}

type WorkerInput = Extract<Input, { worker: string }>;

/** What concerns a worker that is gone is stale and does nothing. */
function takeForWorker(turn: Turn, input: WorkerInput): void {
  const worker = turn.state.workers.get(input.worker);
  const job = worker && turn.state.jobs.get(worker.job);
  if (!worker || !job) return;
  switch (input.type) {
    case 'launched':
      return processLaunched(turn, worker, job, input);
    case 'launch_failed':
      return launchFailed(turn, worker, job, input.kind, input.message);
    case 'log':
      return logSaid(turn, worker, job, input.offset, input.signals);
    case 'room_seen':
      return roomSeen(turn, worker, job, input);
    case 'refused':
      return turn.patchWorker(worker, { refused: input.refused });
    case 'overflowed':
      return logOverflowed(turn, worker, input.kind, input.bytes);
    case 'exited':
      return processExited(turn, worker, job, input);
    case 'replot_found':
      return replotFound(turn, worker, job, input.found);
    case 'replot_removed':
      return replotRemoved(turn, worker, job, input.outcome);
    case 'cleaned':
      return workerCleaned(turn, worker, job, input.problem);
    default:
      input satisfies never;
  }
}

/**
 * Each key of a wake-up says what is due: `timer:<id>`, `progress:<worker>`, `recheck:<job>`, `replot:<job>`,
 * `history:`.
 */
function wake(turn: Turn, key: string): void {
  const split = key.indexOf(':');
  const id = key.slice(split + 1);
  switch (key.slice(0, split)) {
    case 'timer':
      return timerDue(turn, id);
    case 'progress':
      return withWorker(turn, id, (worker, job) => progressMoved(turn, worker, job));
    case 'recheck': {
      const job = turn.state.jobs.get(id);
      return job ? recheck(turn, job) : undefined;
    }
    case 'replot':
      return askForOldPlots(turn, id);
    case 'history':
      return askForHistory(turn);
    default:
      return;
  }
}

function withWorker(turn: Turn, id: string, act: (worker: WorkerState, job: JobState) => void): void {
  const worker = turn.state.workers.get(id);
  const job = worker && turn.state.jobs.get(worker.job);
  if (worker && job && worker.step === 'plotter' && !worker.suspended) act(worker, job);
}

/** After a restart: the work of every worker, every delay and every start on its way is asked for again. */
function recover(turn: Turn): void {
  const timescale = turn.surroundings.timescale();
  const same = JSON.stringify(timescale) === JSON.stringify(turn.state.timescale);
  if (!same) turn.change(['meta', { timescale }]);
  for (const worker of turn.state.workers.values()) {
    if (worker.process?.kind === 'plotter') turn.patchWorker(worker, { interrupted: true });
    if (!worker.held) beginWork(turn, worker);
    recoverWaiting(turn, worker);
  }
  resumeDelays(turn, same && timescale !== null);
  for (const job of turn.state.jobs.values()) {
    if (job.wanted > 0) probe(turn, job);
    recheck(turn, job);
  }
  askForHistory(turn);
}

/** Lines of ended workers that aren't in the history yet are to be written. */
function askForHistory(turn: Turn): void {
  if (turn.state.history.size > 0) turn.ask({ type: 'history' });
}
