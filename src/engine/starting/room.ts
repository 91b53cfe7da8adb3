import { spaceNeeds } from '../../plotters/space.ts';
import { sized } from '../../util/bytes.ts';
import type { DirectoryFacts, StartFacts, UsedRoom } from '../inputs.ts';
import type { JobState } from '../model/job-state.ts';
import { destinationOf } from '../model/placement.ts';
import type { Placed, WorkerState } from '../model/worker-state.ts';
import { creditOf } from '../moving/credit.ts';
import { bytesToCome } from '../moving/traffic.ts';
import { MAX_PER_PLOT, replotRule } from '../moving/replot-rule.ts';
import type { Transaction } from '../transaction.ts';
import { phaseNumber } from '../working/stages.ts';
import type { ResolvedJob } from './resolve.ts';
import { someOf } from './some-of.ts';

const NOTHING_USED = { temp_bytes: 0, plot_bytes: 0 };

/** What a start comes to by the room that there is; else which disk is too full. */
export type RoomVerdict = 'ok' | 'dest_full' | 'temp_full';

/** Whether the disks have the room that a start wants. */
export interface RoomOnDisks {
  verdict: RoomVerdict;
  claims: Placed[];
  /** What was removed for a plot before is not enough: one more old plot has to go. */
  more: boolean;
}

/**
 * What one start of this job claims with these directories, and whether the disks have it, beside the workers in flight
 * and what starts that come before it have `taken`.
 */
export function roomFor(
  transaction: Transaction,
  job: JobState,
  resolved: ResolvedJob,
  facts: StartFacts,
  { taken = [] }: { taken?: readonly Placed[] } = {},
): RoomOnDisks {
  const needed = spaceNeeds(resolved.definition, resolved.values);
  const claims = claimsOf(needed, facts);
  // A plotter whose needs aren't known isn't checked.
  if (!job.definition.check_space || !needed) return { verdict: 'ok', claims, more: false };
  const replots = replotRule(transaction, job).before !== null;
  const destination = claims.find(({ role }) => role === 'destination')?.path;
  const before = taken.filter(({ role, path }) => role === 'destination' && path === destination).length;
  const removing = plotsToGo(transaction, job, facts, replots ? 1 + before : 0);
  const inFlight = [...stillComing(transaction, facts), ...taken];
  const verdict = verdictFor(facts, claims, inFlight, removing);
  const credit = creditOf(transaction.state, job.id, facts.filesystem);
  if (verdict !== 'dest_full' || !replots || credit.length === 0) return { verdict, claims, more: false };
  const withMore = verdictFor(facts, claims, inFlight, removing + MAX_PER_PLOT);
  return { verdict: withMore, claims, more: withMore === 'ok' };
}

/** What workers in flight, and plots on their way by a move, will still take of the disks. */
export function stillComing(
  { state, memory }: Pick<Transaction, 'state' | 'memory'>,
  { used }: Pick<StartFacts, 'used'>,
): Placed[] {
  const ofWorkers = [...state.workers.values()]
    .filter(stillTakesRoom)
    .flatMap((worker) =>
      remainingRoom(worker.placement, used?.get(worker.id) ?? NOTHING_USED, phaseNumber(state, worker)),
    );
  const ofTransfers = [...state.transfers.values()].map((transfer): Placed => {
    const { to: path, filesystem } = transfer;
    return { role: 'destination', path, filesystem, bytes: bytesToCome({ memory }, transfer) };
  });
  return [...ofWorkers, ...ofTransfers];
}

/** Whether there is room once so many old plots are gone. */
function verdictFor(facts: StartFacts, needs: Placed[], inFlight: Placed[], removing: number) {
  const destination = facts.directories.find((directory) => directory.role === 'destination');
  const bytes = facts.old_plots.slice(0, removing).reduce((sum, plot) => sum + plot.size, 0);
  return checkRoom({
    needs,
    directories: facts.directories,
    inFlight,
    givenBack: { device: destination?.device ?? '', bytes },
  });
}

/** Old plots that workers in flight and `starting` ones of this job will still remove: not those that a credit spares. */
function plotsToGo(transaction: Transaction, job: JobState, facts: StartFacts, starting: number): number {
  const destination = facts.directories.find(({ role }) => role === 'destination')?.path;
  const wanted = new Map([[job.id, starting]]);
  for (const worker of transaction.state.workers.values())
    if (willRemovePlot(worker) && destinationOf(worker) === destination)
      wanted.set(worker.job, (wanted.get(worker.job) ?? 0) + 1);
  let plots = 0;
  let left = transaction.state.left_credit[facts.filesystem ?? '']?.length ?? 0;
  for (const [id, count] of wanted) {
    const own = transaction.state.jobs.get(id)?.replot_credit[facts.filesystem ?? '']?.length ?? 0;
    const uncovered = Math.max(0, count * MAX_PER_PLOT - own);
    const covered = Math.min(left, uncovered);
    left -= covered;
    plots += uncovered - covered;
  }
  return plots;
}

/** Each directory that a worker gets, and what it claims there: nothing, where its plotter's needs aren't known. */
function claimsOf(needs: ReturnType<typeof spaceNeeds>, facts: StartFacts): Placed[] {
  const bytesIn = ({ role, argument }: DirectoryFacts) =>
    role === 'destination' ? needs?.plot : needs?.temp.find((temp) => temp.argument === argument)?.bytes;
  return facts.directories.map((directory) => {
    const { role, path, device: filesystem } = directory;
    return { role, path, filesystem, bytes: bytesIn(directory) ?? 0 };
  });
}

/** A directory that lacks room, and what a plot takes there; all in bytes. */
export interface FullPlace {
  path: string;
  needed: number;
  free_bytes: number;
  kept_free: number;
}

/** Says which disks lack the room, how much one plot takes and how much is free there. */
export function noRoomMessage(job: JobState, places: readonly FullPlace[]): string {
  const texts = places.map(({ path, needed, free_bytes, kept_free }) => {
    const kept = kept_free === 0 ? '' : `, ${sized(kept_free)} of which stay free`;
    return `${path} (a plot takes ${sized(needed)}, ${sized(free_bytes)} are free${kept})`;
  });
  return `job '${job.id}': no room in ${someOf(texts)} beside the plots being made`;
}

/** Temporary space is at its largest before the last tables are compressed: from phase 4 on none is added. */
const LAST_PHASE_THAT_GROWS = 3;

/** What a worker in flight will still take of the disks: its claims less what it has taken so far. */
export function remainingRoom(claims: Placed[], used: UsedRoom, phase: number): Placed[] {
  return claims.map((claim) => ({ ...claim, bytes: stillToCome(claim, claims, used, phase) }));
}

function stillToCome(claim: Placed, claims: Placed[], used: UsedRoom, phase: number): number {
  if (claim.role === 'destination') return Math.max(0, claim.bytes - used.plot_bytes);
  if (phase > LAST_PHASE_THAT_GROWS) return 0;
  const all = claims.reduce((sum, each) => (each.role === 'temp' ? sum + each.bytes : sum), 0);
  const share = all === 0 ? 0 : claim.bytes / all;
  return Math.max(0, claim.bytes - used.temp_bytes * share);
}

/** What one start needs, what there is, and who else will take of it. */
export interface RoomCase {
  needs: Placed[];
  directories: DirectoryFacts[];
  inFlight: Placed[];
  /** Bytes that replotting will give back in the destination, for workers in flight and for this one. */
  givenBack: { device: string; bytes: number };
}

/** Whether there is room for one start; else which disk is too full (contract, section 3). By file system. */
export function checkRoom(room: RoomCase): RoomVerdict {
  const free = freeOn(room.directories, room.inFlight);
  add(free, room.givenBack.device, room.givenBack.bytes);
  // What temporary directories lack by themselves comes first, as their gate does (contract, section 8). Then the
  // destination: on a shared file system it is what lasts.
  if (lacks(new Map(free), room.needs, 'temp')) return 'temp_full';
  if (lacks(free, room.needs, 'destination')) return 'dest_full';
  return lacks(free, room.needs, 'temp') ? 'temp_full' : 'ok';
}

/** Bytes free on each file system of these directories, less what others will take of them. */
export function freeOn(
  directories: readonly Pick<DirectoryFacts, 'device' | 'free_bytes'>[],
  inFlight: readonly Placed[],
): Map<string, number> {
  const free = new Map<string, number>();
  for (const { device, free_bytes } of directories)
    free.set(device, Math.min(free_bytes, free.get(device) ?? free_bytes));
  for (const { filesystem, bytes } of inFlight) add(free, filesystem, -bytes);
  return free;
}

/** Takes what is needed in these directories off what is free; whether that is too much somewhere. */
function lacks(free: Map<string, number>, needs: readonly Placed[], role: Placed['role']): boolean {
  const own = needs.filter((claim) => claim.role === role);
  for (const claim of own) add(free, claim.filesystem, -claim.bytes);
  return own.some(({ filesystem }) => (free.get(filesystem) ?? 0) < 0);
}

function add(free: Map<string, number>, device: string, bytes: number): void {
  const present = free.get(device);
  if (present !== undefined) free.set(device, present + bytes);
}

/** Whether a worker may still take room: once its plotter has ended, its plot may be anywhere. */
export function stillTakesRoom(worker: WorkerState): boolean {
  return worker.plot === null && worker.step !== 'cleanup';
}

/** Whether a worker of a job that replots has still to remove its plot. */
export function willRemovePlot(worker: WorkerState): boolean {
  return worker.replot_before !== null && ['pre', 'replot_find', 'replot_remove'].includes(worker.step);
}
