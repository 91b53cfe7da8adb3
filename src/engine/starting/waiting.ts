import { STARTUP_EVENT } from '../../config/schema/job.ts';
import type { GateView, WaitingFor } from '../../contract/gates.ts';
import type { WaitingView } from '../../contract/views.ts';
import type { JobState } from '../model/job-state.ts';
import { isHeldByDisks } from './disk-rules.ts';
import type { World } from './gates/gate.ts';
import { ALL_GATES, firstClosed } from './gates/gates.ts';
import { keptRunning } from './keep-running.ts';

const BEING_REMOVED = 'the job is being removed: it starts nothing more';

/** What the next worker of a job waits for, as if one more were wanted (contract, section 8). */
export function waitingOf(world: World, job: JobState): WaitingView {
  if (job.leaving) return waiting('nothing', BEING_REMOVED);
  const closed = firstClosed(ALL_GATES, world, job, comingOf(world, job));
  if (closed) return waiting(closed.name, closed.text);
  const next = nextStart(world, job);
  if (next) {
    const at = new Date(next.at).toISOString();
    return waiting('delay', `${next.what} at ${at}`, at);
  }
  const names = startingNames(job).filter((name) => name !== STARTUP_EVENT);
  if (names.length > 0)
    return waiting('event', `a worker starts on ${names.map((name) => `'${name}'`).join(', ')}`);
  return waiting('nothing', whyNothing(world, job));
}

function waiting(
  waiting_for: WaitingFor,
  waiting_text: string,
  next_start_at: string | null = null,
): WaitingView {
  return { waiting_for, waiting_text, next_start_at };
}

/** Every gate of a job, open or closed, in their order. */
export function gatesOf(world: World, job: JobState): GateView[] {
  const coming = comingOf(world, job);
  return ALL_GATES.map((gate, index) => {
    // No gate is for it: the first one says so.
    if (job.leaving && index === 0) return { gate: gate.name, open: false, text: BEING_REMOVED };
    const { room, text } = gate.ask(world, job, coming);
    return { gate: gate.name, open: room > 0, text };
  });
}

/** Starts that are on their way: those that are wanted, and those that `keep_running` has the disks looked at for. */
function comingOf(world: World, job: JobState): number {
  return job.wanted + (job.blocked === 'none' && !isHeldByDisks(job) ? keptRunning(world, job) : 0);
}

function startingNames({ definition }: JobState): string[] {
  return [...new Set(definition.starts.map(({ on }) => on))];
}

/** The next start whose time is known: of a delayed event, or after a failure of a job that keeps running. */
function nextStart(world: World, job: JobState): { at: number; what: string } | null {
  const names = startingNames(job);
  const coming = [...world.state.timers.values()]
    .filter(({ name }) => names.includes(name))
    .map(({ name, due, due_steady }) => ({
      at: byTheClock(world, due, due_steady ?? null),
      what: `'${name}' fires`,
    }));
  const { due, due_steady } = job.keeping;
  if (job.definition.keep_running && !job.keeping.stopped && due !== null)
    coming.push({ at: byTheClock(world, due, due_steady), what: 'a worker starts again after a failure' });
  return coming.reduce<(typeof coming)[number] | null>(
    (first, each) => (first === null || each.at < first.at ? each : first),
    null,
  );
}

/** The clock has been set when both times differ by more. */
const SAME_MS = 1000;

/** When something is due by the host's clock, which may have been set since. */
function byTheClock({ now, steady }: World, due: number, due_steady: number | null): number {
  if (due_steady === null) return due;
  const at = now + due_steady - steady;
  return Math.abs(at - due) < SAME_MS ? due : Math.round(at / SAME_MS) * SAME_MS;
}

function whyNothing({ memory }: World, { definition, keeping }: JobState): string {
  if (!definition.keep_running)
    return 'nothing starts a worker but a start by hand: no named event does, and keep_running is off';
  if (keeping.stopped)
    return 'its workers were dismissed: keep_running goes on after a start, enabled ON, a reset or a restart';
  if (!memory.up) return 'keep_running starts workers when the daemon is up';
  return 'keep_running starts none without a limit: max_workers is 0';
}
