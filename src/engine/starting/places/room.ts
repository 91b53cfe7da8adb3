import type { ReplotRule } from '../../../config/schema/replot.ts';
import { spaceNeeds } from '../../../plotters/space.ts';
import { sized } from '../../../util/bytes.ts';
import type { DirectoryFacts, StartFacts } from '../../inputs.ts';
import type { Memory } from '../../memory.ts';
import type { JobState } from '../../model/job-state.ts';
import type { Placed } from '../../model/worker-state.ts';
import { type Promised, promisedPlots } from '../../moving/promised-plots.ts';
import { replotRule } from '../../moving/replot-rule.ts';
import { bytesToCome } from '../../moving/traffic.ts';
import type { Transaction } from '../../transaction.ts';
import { mayGrow } from '../../working/stages.ts';
import { laterPlots, mostPlots, plotsToBegin, plotsWanted } from '../plots-of-run.ts';
import { remainingRoom, stillTakesRoom } from './remaining-room.ts';
import type { ResolvedJob } from './resolve.ts';
import { someOf } from './some-of.ts';

export { remainingRoom } from './remaining-room.ts';

const NOTHING_USED = { temp_bytes: 0, plot_bytes: 0 };

/** What a start comes to by the room that there is; else which disk is too full. */
export type RoomVerdict = 'ok' | 'dest_full' | 'temp_full';

/** Whether the disks have the room that a start wants. */
export interface RoomOnDisks {
  verdict: RoomVerdict;
  claims: Placed[];
  /** How many plots a run may make there, as its job and the room want it; 1 at least. */
  plots: number;
  /** The old plots that would make the room that is missing, were their rule no dry run. */
  wouldGo: Promised['plots'];
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
  { taken = [] }: { taken?: readonly (readonly Placed[])[] } = {},
): RoomOnDisks {
  const needed = spaceNeeds(resolved.definition, resolved.values);
  const claims = claimsOf(needed, facts);
  const wanted = plotsWanted(transaction.state, job, resolved.definition);
  // A plotter whose needs aren't known isn't checked.
  if (!job.definition.check_space || !needed) return { verdict: 'ok', claims, plots: wanted, wouldGo: [] };
  const { rule } = replotRule(transaction, job);
  const starts = { job, rule, taken, claims };
  const verdictBy = (own: StartInTurn['rule'], more: number) =>
    verdictFor(transaction, facts, { ...starts, rule: own, more });
  const real = rule?.dry_run === true ? null : rule;
  const { verdict } = verdictBy(real, 0);
  const plots =
    verdict === 'ok' ? mostPlots(wanted, (count) => verdictBy(real, count - 1).verdict === 'ok') : 1;
  const dry = verdict === 'dest_full' && rule !== real ? verdictBy(rule, 0) : null;
  return { verdict, claims, plots, wouldGo: dry?.verdict === 'ok' ? dry.promised.plots : [] };
}

/** What workers in flight, and plots on their way by a move, will still take of the disks. */
export function stillComing(
  { state, memory }: Pick<Transaction, 'state'> & { memory: Pick<Memory, 'copied'> },
  { used }: Pick<StartFacts, 'used'>,
): Placed[] {
  const ofWorkers = [...state.workers.values()]
    .filter(stillTakesRoom)
    .flatMap((worker) =>
      remainingRoom(worker.placement, used?.get(worker.id) ?? NOTHING_USED, mayGrow(state, worker)),
    );
  const ofTransfers = [...state.transfers.values()]
    .filter(({ step }) => step !== 'blocked')
    .map((transfer): Placed => {
      const { to: path, filesystem } = transfer;
      return { role: 'destination', path, filesystem, bytes: bytesToCome({ memory }, transfer) };
    });
  return [...ofWorkers, ...plotsToBegin(state), ...ofTransfers];
}

/** One start of a job: what it claims, and what those that come before it do, each. */
interface StartInTurn {
  job: JobState;
  rule: ReplotRule | null;
  claims: readonly Placed[];
  taken: readonly (readonly Placed[])[];
  /** So many plots that its run makes beside the first one. */
  more: number;
}

/** Whether there is room once the old plots are gone that are promised, on the file system of the chosen destination. */
function verdictFor(
  transaction: Transaction,
  facts: StartFacts,
  { job, rule, claims, taken, more }: StartInTurn,
): { verdict: RoomVerdict; promised: Promised } {
  const destination = facts.directories.find((directory) => directory.role === 'destination');
  const device = destination?.device ?? '';
  // The largest `keep_free` of what this start gets there holds.
  const free_bytes = freeOn(facts.directories, []).get(device) ?? 0;
  const ofRun = laterPlots(claims, more, rule !== null);
  const promised = promisedPlots(transaction, facts, {
    ...{ job, rule, device, free_bytes },
    starts: [...taken, claims, ...ofRun],
  });
  const verdict = checkRoom({
    needs: [...claims, ...ofRun.flat()],
    directories: facts.directories,
    inFlight: [...stillComing(transaction, facts), ...taken.flat()],
    givenBack: { device, bytes: promised.bytes },
  });
  return { verdict, promised };
}

/** Each directory that a worker gets, and what it claims there: nothing, where its plotter's needs aren't known. */
function claimsOf(needs: ReturnType<typeof spaceNeeds>, facts: StartFacts): Placed[] {
  const known = new Set<string>();
  const bytesIn = ({ role, argument, device }: DirectoryFacts) => {
    // Of several of an argument the plotter takes one: on each file system its room is claimed once.
    const isFirst = !known.has(`${argument} ${device}`);
    known.add(`${argument} ${device}`);
    if (!isFirst) return 0;
    return role === 'destination'
      ? needs?.plot
      : needs?.temp.find((temp) => temp.argument === argument)?.bytes;
  };
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
export function noRoomMessage(job: JobState, verdict: RoomVerdict, places: readonly FullPlace[]): string {
  const texts = places.map(({ path, needed, free_bytes, kept_free }) => {
    const kept = kept_free === 0 ? '' : `, ${sized(kept_free)} of which stay free`;
    return `${path} (a plot takes ${sized(needed)}, ${sized(free_bytes)} are free${kept})`;
  });
  return `job '${job.id}': no room in ${someOf(texts)} beside the plots being made${verdict === 'temp_full' ? '' : withoutOldPlots(job)}`;
}

/** Why old plots don't help. */
function withoutOldPlots({ definition: { replot } }: JobState): string {
  if (replot === undefined) return '';
  if (replot.dry_run) return ', and replotting is a dry run';
  const most = replot.max_per_plot === 1 ? 'the one old plot' : `the ${replot.max_per_plot} old plots`;
  return `, and ${most} that may go for a new one would not make it`;
}

/** What one start needs, what there is, and who else will take of it. */
export interface RoomCase {
  needs: readonly Placed[];
  directories: readonly DirectoryFacts[];
  inFlight: readonly Placed[];
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
