import { holdsStarts } from '../../../config/schema/disks.ts';
import { holdsFor } from '../../../config/schema/limits.ts';
import { MAX_WORKERS_LIMIT } from '../../../contract/commands.ts';
import { withKey, withoutKey } from '../../model/collections.ts';
import type { JobState } from '../../model/job-state.ts';
import type { Transaction } from '../../transaction.ts';
import { countDisks, isOver } from './disk-limit.ts';
import type { World } from '../gates/gate.ts';
import { countFor, limitAsText } from './jobs-limit.ts';
import { keptRunning } from '../keep-running.ts';
import { sinceThen } from './left-starts.ts';
import { onTheirWay } from '../on-their-way.ts';
import { reconsider } from '../reconsider.ts';
import { compareTurns, KEPT, turnOf } from '../turn.ts';

/** A limit for which several jobs may wait. */
interface Followed {
  /** All that its answers depend on, as text. */
  counts: string;
  /** When the next start may be, on the steady clock; 0: now; `null`: starts need not be apart. */
  due: number | null;
  isOver: (job: JobState) => boolean;
}

/** The farm's own limit among those that are followed: no entry of `limits` has that name. */
const FARM = '*';

/**
 * At the end of each step: where the farm's limit, those over jobs and those of disks count something else than before,
 * the jobs under them are shown and looked at anew. A start that is on its way depends on older ones alone, so this
 * comes to rest.
 */
export function followLimits(transaction: Transaction): void {
  const { memory } = transaction;
  for (;;) {
    keepOnTheirWay(transaction);
    const limits = followed(transaction);
    const counted = new Map([...limits].map(([name, { counts }]) => [name, counts]));
    const names = new Set([...counted.keys(), ...memory.counted.keys()]);
    const changed = [...names].filter((name) => counted.get(name) !== memory.counted.get(name));
    if (changed.length === 0) return;
    memory.counted = counted;
    for (const name of changed) changedLimit(transaction, name, limits.get(name));
    reconsider(transaction, 'all');
  }
}

/** What `keep_running` has the disks looked at for, job by job in the order of the file: each sees those before it. */
function keepOnTheirWay(transaction: Transaction): void {
  const { state, memory } = transaction;
  if (memory.probing.size === 0 && memory.keeping.size === 0) return;
  const jobs = [...memory.probing]
    .flatMap((id) => state.jobs.get(id) ?? [])
    .filter((job) => job.definition.keep_running && job.blocked === 'none')
    .map((job) => ({ job, turn: turnOf(transaction, job.id, { since: KEPT }) }))
    .sort((one, other) => compareTurns(one.turn, other.turn));
  memory.keeping = new Map();
  for (const { job } of jobs) {
    const kept = keptRunning(transaction, job);
    if (kept > 0) memory.keeping = withKey(memory.keeping, job.id, kept);
  }
}

/** By name: those of config.yaml, and the farm's while jobs may wait for it. */
function followed(world: World): Map<string, Followed> {
  const { limits, disks } = world.memory.settings;
  const all = new Map<string, Followed>();
  for (const [name, limit] of limits)
    all.set(name, {
      counts: limitAsText(world, limit),
      due: limit.apart === undefined ? null : countFor(world.state, limit, world.steady).due,
      isOver: ({ id }) => holdsFor(limit, id),
    });
  for (const [index, entry] of disks.entries()) {
    if (!holdsStarts(entry)) continue;
    const { text, due } = countDisks(world, entry);
    all.set(`disks[${index}]`, {
      counts: text,
      due: entry.apart === undefined ? null : due,
      isOver: (job) => isOver(world, entry, job),
    });
  }
  const { max_workers } = world.state.farm;
  if (isFarmScarce(world))
    all.set(FARM, { counts: limitAsText(world, { max_workers }), due: null, isOver: () => true });
  return all;
}

/** Else no job shows that it waits for a place of the farm, and each step would look at all of them in vain. */
function isFarmScarce(world: World): boolean {
  const { farm, runs, jobs } = world.state;
  if (farm.max_workers < MAX_WORKERS_LIMIT) return true;
  let taken = runs.size;
  for (const job of jobs.values()) for (const { workers } of onTheirWay(world, job)) taken += workers;
  return taken >= farm.max_workers;
}

function changedLimit(transaction: Transaction, name: string, limit: Followed | undefined): void {
  const due = limit?.due ?? null;
  const at = due === null || due === 0 ? null : Math.ceil(transaction.clockAt(due));
  if (due !== null || (limit === undefined && name !== FARM))
    transaction.ask({ type: 'wake', timer: { kind: 'apart', limit: name }, at });
  // Those of a limit that is gone are shown with what took it away.
  for (const job of transaction.state.jobs.values()) if (limit?.isOver(job)) transaction.touchJob(job.id);
}

/** Two starts should be far enough apart again: what waits for that is looked at when this step ends. */
export function apartDue(transaction: Transaction, limit: string): void {
  transaction.memory.counted = withoutKey(transaction.memory.counted, limit);
}

/** After a restart: the last start was as long ago by the steady clock where that `goesOn`, else by the host's. */
export function resumeApart(transaction: Transaction, job: JobState, goesOn: boolean): void {
  if (job.last_start === null || goesOn) return;
  transaction.patchJob(job, { last_start: sinceThen(transaction, job.last_start.at) });
}
