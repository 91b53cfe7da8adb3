import type { Input } from './inputs.ts';
import { isLiftedByLooking, lookAgainLater } from './jobs/blocking.ts';
import { applyCommand } from './jobs/command-rules.ts';
import { isDrained } from './jobs/farm.ts';
import { configureHolds } from './jobs/hold-rules.ts';
import { resumeHolds } from './jobs/hold-times.ts';
import { configure } from './jobs/jobs.ts';
import { resumeDelays } from './jobs/named-events.ts';
import { remoteFireDelivered, resumeRemoteFires } from './jobs/remote-fires.ts';
import { dispatchFired, fireStartup } from './jobs/starts-on-events.ts';
import type { Memory, Settings } from './memory.ts';
import { withoutValue } from './model/collections.ts';
import { processOf } from './model/process-ref.ts';
import { newestOf, type State } from './model/state.ts';
import type { WorkerState } from './model/worker-state.ts';
import { reconsiderMoves, surveyed } from './moving/begin-transfers.ts';
import { nothingMoves } from './moving/facts.ts';
import { takeForTransfer } from './moving/transfer-inputs.ts';
import { configureMoves, lookedThrough } from './moving/moves.ts';
import { recoverTransfers } from './moving/transfers.ts';
import { replotFound, replotRemoved } from './moving/replotting.ts';
import type { Outcome } from './outcome.ts';
import { takeForProcess, takeForRun } from './process-inputs.ts';
import { forgetMatched, rememberMatched } from './starting/places/matched.ts';
import { resumeKeeping } from './starting/keep-running.ts';
import { followLimits, resumeApart } from './starting/limits/follow-limits.ts';
import { lookForOtherDisks } from './starting/places/other-disk.ts';
import { probe } from './starting/places/probing.ts';
import { resumeStartedIn } from './starting/limits/started-in.ts';
import { resumeLeftStarts } from './starting/limits/left-starts.ts';
import { reconsider } from './starting/reconsider.ts';
import { startProbed } from './starting/starts.ts';
import type { Surroundings } from './surroundings.ts';
import { askForHistory, timerDue } from './timer-due.ts';
import { Transaction } from './transaction.ts';
import { giveUpWaiting } from './unstored.ts';
import { configureEnergy, countPower, keepCounting, powerCame, priceCame } from './working/energy.ts';
import { workerCleaned } from './working/lifecycle.ts';
import { NOTHING_METERED } from './working/metering.ts';
import { plotSeen } from './working/plot-made.ts';
import { recoverWaiting, roomSeen } from './working/plotter-waits.ts';
import { growthSeen, resumeSilence } from './working/stalled.ts';
import { beginReplot, beginWork } from './working/steps.ts';

/** What the engine remembers when it has just come up. */
export function freshMemory(settings: Settings): Memory {
  return {
    settings,
    up: false,
    probing: new Set(),
    manual: new Map(),
    order: new Map(),
    keeping: new Map(),
    seen: new Map(),
    waits_for_disk: new Set(),
    counted: new Map(),
    dismissals: new Map(),
    deletions: new Map(),
    unwritten: { runs: new Map(), workers: new Map() },
    seeking: new Set(),
    metering: NOTHING_METERED,
    latest: 0,
    ...nothingMoves(),
  };
}

/**
 * The engine: a state and something that happened give a new state, events, and things to do. The state is
 * changed in place; `outcome.entry` holds the same changes, to be written down before anything of the outcome
 * is done or told. No clock, file, process or broker is touched.
 */
export function step(state: State, memory: Memory, surroundings: Surroundings, input: Input): Outcome {
  const transaction = new Transaction(state, memory, surroundings);
  const drained = isDrained(state);
  take(transaction, input);
  dispatchFired(transaction);
  if (movesLimits(transaction, input)) {
    followLimits(transaction);
    lookForOtherDisks(transaction);
  }
  keepCounting(transaction);
  if (!drained && isDrained(state)) transaction.tell('farm_drained', null, {});
  return transaction.outcome();
}

/** A line of a log that only moves the progress doesn't, and what can't be written down may change nothing. */
function movesLimits(transaction: Transaction, { type }: Input): boolean {
  return type === 'log' ? transaction.hasChanged : type !== 'unstorable';
}

function take(transaction: Transaction, input: Input): void {
  switch (input.type) {
    case 'command':
      return applyCommand(transaction, input.ticket, input.command);
    case 'configured':
      configureSettings(transaction, input.settings);
      if (input.settings) {
        // What arguments a job lacks is looked up in them.
        for (const id of transaction.state.jobs.keys()) transaction.touchJob(id);
      }
      configure(transaction, input.jobs);
      forgetMatched(transaction, input.settings !== undefined);
      configureHolds(transaction);
      return configureMoves(transaction, input.settings !== undefined);
    case 'recover':
      return recover(transaction);
    case 'startup':
      transaction.memory.up = true;
      fireStartup(transaction);
      reconsider(transaction, 'all');
      return reconsiderMoves(transaction);
    case 'probed': {
      // A look that nobody waits for any more is stale.
      const waited = transaction.memory.probing.has(input.job);
      transaction.memory.probing = withoutValue(transaction.memory.probing, input.job);
      const job = transaction.state.jobs.get(input.job);
      if (!job || !waited) return;
      if (input.facts === null) return probe(transaction, job);
      return startProbed(transaction, job, input.facts);
    }
    case 'matched':
      return rememberMatched(transaction, input.patterns);
    case 'unstorable':
      return giveUpWaiting(transaction, input.ends);
    case 'history_written':
      for (const line of input.workers)
        if (transaction.state.history.has(line)) transaction.change(['history', line, null]);
      // Also where it is as long as the state says: what was looked up at the start is in no journal yet.
      if (input.bytes !== undefined) transaction.change(['meta', { history_bytes: input.bytes }]);
      return;
    case 'power':
      return powerCame(transaction, input.watts);
    case 'price':
      return priceCame(transaction, input.price);
    case 'acked':
      return acked(transaction, Math.min(input.seq, transaction.state.seq));
    case 'fired_elsewhere':
      return remoteFireDelivered(transaction, input.id);
    case 'instance_taken':
      return transaction.change(['meta', { instance: input.instance }]);
    case 'wake':
      for (const timer of input.timers) {
        timerDue(transaction, timer);
        dispatchFired(transaction);
      }
      return;
    case 'looked_through':
      return lookedThrough(transaction, input);
    case 'surveyed':
      return surveyed(transaction, input);
    case 'transfer_located':
    case 'transfer_launched':
    case 'transfer_copied':
    case 'transfer_ended':
    case 'room_made':
      return takeForTransfer(transaction, input);
    case 'log':
    case 'refused':
      return takeForRun(transaction, input);
    case 'launched':
    case 'launch_failed':
    case 'overflowed':
    case 'exited':
      return takeForProcess(transaction, input);
    default:
      return takeForWorker(transaction, input);
  }
}

/** What config.yaml says beside its jobs; without `settings` it wasn't read anew. */
function configureSettings(transaction: Transaction, settings: Settings | undefined): void {
  const { memory } = transaction;
  const { energy } = memory.settings;
  countPower(transaction);
  if (settings) memory.settings = settings;
  configureEnergy(transaction, energy);
}

function acked(transaction: Transaction, seq: number): void {
  if (seq > transaction.state.acked) transaction.change(['meta', { acked: seq }]);
}

type WorkerInput = Extract<Input, { worker: string }>;

/** What concerns a worker that is gone is stale and does nothing. */
function takeForWorker(transaction: Transaction, input: WorkerInput): void {
  const worker = transaction.state.workers.get(input.worker);
  const job = worker && transaction.state.jobs.get(worker.job);
  if (!worker || !job) return;
  switch (input.type) {
    case 'room_seen':
      return roomSeen(transaction, worker, job, input);
    case 'growth_seen':
      return growthSeen(transaction, worker, job, input);
    case 'plot_seen':
      return plotSeen(transaction, worker, job, input);
    case 'replot_found':
      return replotFound(transaction, worker, job, input.found);
    case 'replot_removed':
      return replotRemoved(transaction, worker, job, input);
    case 'cleaned':
      return workerCleaned(transaction, worker, job, input);
    default:
      input satisfies never;
  }
}

/** After a restart: the work of every worker, every delay and every start on its way is asked for again. */
function recover(transaction: Transaction): void {
  const timescale = transaction.surroundings.timescale();
  const same = JSON.stringify(timescale) === JSON.stringify(transaction.state.timescale);
  if (!same) transaction.change(['meta', { timescale }]);
  for (const run of transaction.state.runs.values())
    if (run.process?.kind === 'plotter') transaction.patchRun(run, { interrupted: true });
  for (const worker of transaction.state.workers.values()) {
    if (!worker.held && isAsking(transaction.state, worker)) beginWork(transaction, worker);
    if (worker.beside !== null) beginReplot(transaction, worker);
    recoverWaiting(transaction, worker);
    resumeSilence(transaction, worker);
  }
  const goesOn = same && timescale !== null;
  resumeDelays(transaction, goesOn);
  resumeHolds(transaction, goesOn);
  resumeStartedIn(transaction, goesOn);
  resumeLeftStarts(transaction, goesOn);
  resumeRemoteFires(transaction);
  recoverTransfers(transaction, goesOn);
  for (const job of transaction.state.jobs.values()) {
    resumeKeeping(transaction, job, goesOn);
    resumeApart(transaction, job, goesOn);
    if (isLiftedByLooking(job)) lookAgainLater(transaction, job);
  }
  reconsider(transaction, 'all');
  askForHistory(transaction);
}

/** A run's process is asked for once, by the newest of its workers. */
function isAsking(state: State, worker: WorkerState): boolean {
  return (
    processOf(worker)?.kind === 'post' || processOf(worker) === null || newestOf(state, worker.run) === worker
  );
}
