import { directoriesOf } from '../plotters/command.ts';
import type { Effect, WantedDirectory } from './effects.ts';
import type { BlockedReason } from './events.ts';
import type { StartFacts } from './inputs.ts';
import { startWorker } from './launch.ts';
import { allowance, mayStart } from './limits.ts';
import { type ResolvedJob, resolveJob } from './resolve.ts';
import { willRemovePlot } from './room.ts';
import { roomFor } from './room-of.ts';
import { type JobState, workerCount, workersOf } from './state.ts';
import type { Turn } from './turn.ts';

/** Blocks that a later look at the world may lift; `failing` is lifted by people only. */
const LIFTED_BY_LOOKING: ReadonlySet<BlockedReason> = new Set([
  'missing_argument',
  'missing_directory',
  'dest_full',
  'temp_full',
]);
const LOOK_AGAIN_MS = 30_000;

/** Workers that a job has or is about to have. */
function taken(turn: Turn, job: JobState): number {
  return workerCount(turn.state, job.id) + job.wanted;
}

function limitsOf(job: JobState, running: number) {
  const { max_workers, plots_to_do } = job.definition;
  return { max_workers, plots_to_do, plots_done: job.plots_done, running };
}

/** A named event or the daemon wants workers: what the limits cut off is not kept (contract, section 3). */
export function requestStarts(turn: Turn, job: JobState, workers: number): void {
  if (!job.definition.enabled || job.leaving || job.blocked === 'failing') return;
  const allowed = mayStart(workers, limitsOf(job, taken(turn, job) + job.pending));
  if (allowed === 0) return;
  if (job.paused || job.blocked !== 'none') turn.patchJob(job, { pending: job.pending + allowed });
  else turn.patchJob(job, { wanted: job.wanted + allowed });
  if (!job.paused) probe(turn, job);
}

/** What was held back starts now, as far as the limits then allow. */
export function releasePending(turn: Turn, job: JobState): void {
  if (job.paused || job.blocked !== 'none' || job.pending === 0) return;
  const allowed = mayStart(job.pending, limitsOf(job, taken(turn, job)));
  turn.patchJob(job, { pending: 0, wanted: job.wanted + allowed });
  if (allowed > 0) probe(turn, job);
}

/** Limits may have been lowered: no more stays pending than they allow. */
export function trimPending(turn: Turn, job: JobState): void {
  const allowed = job.definition.enabled ? mayStart(job.pending, limitsOf(job, taken(turn, job))) : 0;
  turn.patchJob(job, { pending: allowed, ...(job.definition.enabled ? {} : { wanted: 0 }) });
}

/** A start by hand: works on a disabled job too, keeps to the limits, is never kept for later. */
export function startByHand(turn: Turn, job: JobState, workers: number, ticket: number): void {
  if (job.leaving) return turn.refuse(ticket, 'not_allowed', `job '${job.id}' is being removed`);
  if (job.paused) return turn.refuse(ticket, 'job_paused', `job '${job.id}' is paused`);
  if (allowance(limitsOf(job, taken(turn, job))) === 0) return refuseAtLimit(turn, job, ticket);
  const waiting = turn.memory.manual.get(job.id) ?? [];
  turn.memory.manual.set(job.id, [...waiting, { ticket, workers }]);
  probe(turn, job);
}

function refuseAtLimit(turn: Turn, job: JobState, ticket: number): void {
  const { max_workers, plots_to_do } = job.definition;
  const workers = workerCount(turn.state, job.id);
  const full = max_workers > 0 && workers + job.wanted >= max_workers;
  const why = full
    ? `${workers} of max_workers ${max_workers} are there`
    : `plots_to_do ${plots_to_do} is reached with ${job.plots_done} done and ${workers} being made`;
  turn.refuse(ticket, 'limit_reached', `job '${job.id}': ${why}`);
}

/** Looks at the disks before a start; arguments are looked up anew each time, so today's values count. */
export function probe(turn: Turn, job: JobState, measure = false): void {
  if (turn.memory.probing.has(job.id)) return;
  const resolved = lookUp(turn, job);
  if (!resolved) return;
  turn.memory.probing.add(job.id);
  turn.ask(probeEffect(turn, job, resolved, measure));
}

/** The job's plotter with its arguments; blocks the job and refuses starts by hand where one is missing. */
function lookUp(turn: Turn, job: JobState): ResolvedJob | null {
  const resolved = resolveJob(job.id, job.definition, turn.settings);
  if (resolved.ok) return resolved;
  const message = resolved.problems.map((problem) => problem.message).join('; ');
  refuseManual(turn, job, 'missing_argument', message, resolved.problems[0]?.argument ?? null);
  block(turn, job, 'missing_argument', message);
  return null;
}

function probeEffect(turn: Turn, job: JobState, resolved: ResolvedJob, measure: boolean): Effect {
  const before = job.definition.replot?.before;
  const directories = wantedDirectories(resolved);
  const destination = directories.find((directory) => directory.role === 'destination');
  const removing = [...turn.state.workers.values()].filter(willRemovePlot).length;
  const wanted = job.wanted + job.pending + manualCount(turn, job) + removing;
  return {
    type: 'probe',
    job: job.id,
    directories,
    replot:
      before && destination ? { directory: destination.path, before, count: Math.min(wanted, 1000) } : null,
    measure,
  };
}

function wantedDirectories(resolved: ResolvedJob): WantedDirectory[] {
  const { temp, destination } = directoriesOf(resolved.definition, resolved.values);
  const wanted: WantedDirectory[] = temp.map((each) => ({ ...each, role: 'temp' as const }));
  return destination ? [...wanted, { ...destination, role: 'destination' }] : wanted;
}

function manualCount(turn: Turn, job: JobState): number {
  return (turn.memory.manual.get(job.id) ?? []).reduce((sum, start) => sum + start.workers, 0);
}

/** The disks were looked at: start what may start, by hand first. */
export function startProbed(turn: Turn, job: JobState, facts: StartFacts): void {
  turn.memory.probing.delete(job.id);
  const resolved = lookUp(turn, job);
  if (!resolved) return;
  if (!sameDirectories(wantedDirectories(resolved), facts)) return probe(turn, job);
  const away = facts.directories.find((directory) => directory.problem !== null);
  if (away) {
    const message = `job '${job.id}': ${away.argument} ${away.path} ${WHAT_IS_WRONG[away.problem ?? 'missing']}`;
    refuseManual(turn, job, 'missing_directory', message, away.argument);
    return block(turn, job, 'missing_directory', message);
  }
  if (job.blocked === 'missing_argument' || job.blocked === 'missing_directory') unblock(turn, job, 'found');
  if (facts.used === null && !roomForAll(turn, job, resolved, facts)) return probe(turn, job, true);
  startManual(turn, job, resolved, facts);
  startWanted(turn, job, resolved, facts);
}

/** Whether there is room even if workers in flight had taken nothing yet: measuring them is left for when not. */
function roomForAll(turn: Turn, job: JobState, resolved: ResolvedJob, facts: StartFacts): boolean {
  const asked = job.wanted + job.pending + manualCount(turn, job);
  const count = Math.max(1, mayStart(asked, limitsOf(job, workerCount(turn.state, job.id))));
  return roomFor(turn, job, resolved, facts, count).verdict === 'ok';
}

const WHAT_IS_WRONG = {
  missing: "doesn't exist; directories are never made, is the disk mounted?",
  not_a_directory: 'is no directory',
  not_writable: "can't be written to",
  not_answering: "doesn't answer; is the disk or network share gone?",
} as const;

function sameDirectories(wanted: WantedDirectory[], facts: StartFacts): boolean {
  return (
    wanted.length === facts.directories.length &&
    wanted.every((each) =>
      facts.directories.some((fact) => fact.path === each.path && fact.role === each.role),
    )
  );
}

function startManual(turn: Turn, job: JobState, resolved: ResolvedJob, facts: StartFacts): void {
  const waiting = turn.memory.manual.get(job.id) ?? [];
  turn.memory.manual.delete(job.id);
  for (const { ticket, workers } of waiting) {
    if (job.paused) {
      turn.refuse(ticket, 'job_paused', `job '${job.id}' is paused`);
      continue;
    }
    const allowed = mayStart(workers, limitsOf(job, taken(turn, job)));
    if (allowed === 0) {
      refuseAtLimit(turn, job, ticket);
      continue;
    }
    const started: { slot: number; worker: string }[] = [];
    let full: BlockedReason | 'ok' = 'ok';
    while (started.length < allowed) {
      const room = roomFor(turn, job, resolved, facts);
      full = room.verdict;
      if (room.verdict !== 'ok') break;
      const worker = startWorker(turn, job, resolved, room.claims);
      started.push({ slot: worker.slot, worker: worker.id });
    }
    if (started.length > 0) {
      if (job.blocked !== 'none') unblock(turn, job, 'started');
      turn.succeed(ticket, { workers: started });
    } else if (full !== 'ok') {
      turn.refuse(ticket, 'no_space', noRoomMessage(job, full, facts));
      block(turn, job, full, noRoomMessage(job, full, facts));
    }
  }
}

function startWanted(turn: Turn, job: JobState, resolved: ResolvedJob, facts: StartFacts): void {
  if (job.blocked === 'failing') return turn.patchJob(job, { wanted: 0, pending: 0 });
  if (job.paused) return turn.patchJob(job, { pending: job.pending + job.wanted, wanted: 0 });
  const wanted = job.wanted + (job.blocked === 'none' ? 0 : job.pending);
  const workers = workerCount(turn.state, job.id);
  let left = job.definition.enabled ? mayStart(wanted, limitsOf(job, workers)) : 0;
  if (job.blocked !== 'none' && left === 0) return liftIfRoom(turn, job, resolved, facts);
  while (left > 0) {
    const room = roomFor(turn, job, resolved, facts);
    if (room.verdict !== 'ok') {
      turn.patchJob(job, { wanted: 0, pending: left });
      return block(turn, job, room.verdict, noRoomMessage(job, room.verdict, facts));
    }
    if (job.blocked !== 'none') unblock(turn, job, 'room');
    startWorker(turn, job, resolved, room.claims);
    left -= 1;
  }
  turn.patchJob(job, { wanted: 0, ...(wanted > job.wanted ? { pending: 0 } : {}) });
}

/** Nothing waits, but the job shows a full disk: see whether that is over. */
function liftIfRoom(turn: Turn, job: JobState, resolved: ResolvedJob, facts: StartFacts): void {
  const { verdict } = roomFor(turn, job, resolved, facts);
  turn.patchJob(job, { wanted: 0, pending: 0 });
  if (verdict === 'ok') unblock(turn, job, 'room');
  else block(turn, job, verdict, noRoomMessage(job, verdict, facts));
}

function noRoomMessage(job: JobState, verdict: BlockedReason, facts: StartFacts): string {
  const role = verdict === 'dest_full' ? 'destination' : 'temp';
  const places = facts.directories
    .filter((directory) => directory.role === role)
    .map((directory) => `${directory.path} (${(directory.free_bytes / 1e9).toFixed(1)} GB free)`);
  return `job '${job.id}': no room in ${places.join(', ')} beside the plots being made`;
}

function refuseManual(
  turn: Turn,
  job: JobState,
  code: 'missing_argument' | 'missing_directory',
  message: string,
  path: string | null,
): void {
  for (const { ticket } of turn.memory.manual.get(job.id) ?? []) turn.refuse(ticket, code, message, path);
  turn.memory.manual.delete(job.id);
}

/** Holds the job: starts on their way become pending, and the world is looked at again in a while. */
export function block(turn: Turn, job: JobState, reason: BlockedReason, message: string): void {
  const looked = LIFTED_BY_LOOKING.has(reason);
  if (job.blocked === 'failing' && looked) {
    turn.patchJob(job, { wanted: 0, pending: 0, last_error: message });
    return;
  }
  const pending = looked && job.definition.enabled ? job.pending + job.wanted : 0;
  const news = job.blocked !== reason;
  turn.patchJob(job, { blocked: reason, pending, wanted: 0, last_error: message });
  if (news) turn.tell('job_blocked', { job: job.id }, { reason });
  turn.ask({ type: 'wake', key: `recheck:${job.id}`, at: looked ? turn.now + LOOK_AGAIN_MS : null });
}

/** The job may start workers again. */
export function unblock(
  turn: Turn,
  job: JobState,
  reason: 'started' | 'reset' | 'enabled' | 'found' | 'room',
): void {
  if (job.blocked === 'none') return;
  turn.patchJob(job, { blocked: 'none' });
  turn.tell('job_unblocked', { job: job.id }, { reason });
  turn.ask({ type: 'wake', key: `recheck:${job.id}`, at: null });
  if (reason === 'found') {
    const workers = workersOf(turn.state, job.id).length;
    const wanted = mayStart(job.wanted + job.pending, limitsOf(job, workers));
    turn.patchJob(job, { pending: 0, wanted });
  }
}

/** Looks again at what blocks a job, if looking can help, and will again in a while. */
export function recheck(turn: Turn, job: JobState): void {
  if (!LIFTED_BY_LOOKING.has(job.blocked)) return;
  turn.ask({ type: 'wake', key: `recheck:${job.id}`, at: turn.now + LOOK_AGAIN_MS });
  probe(turn, job);
}
