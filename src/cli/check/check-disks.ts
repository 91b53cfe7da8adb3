import type { Path } from '../../config/positions.ts';
import type { ResolvedJob } from '../../engine/starting/places/resolve.ts';
import { directoriesOf } from '../../plotters/command.ts';
import { spaceNeeds } from '../../plotters/space.ts';
import { sized } from '../../util/bytes.ts';

/** A directory that is there, with the place in the configuration that names it. */
export interface FoundDirectory {
  argument: string;
  written: Path;
  path: string;
  /** What tells its file system from others; `null` where it isn't known. */
  device: string | null;
  free_bytes: number | null;
  total_bytes: number | null;
  /** Bytes that `disks` leave alone there. */
  keep_free: number;
}

/**
 * What speaks against plotting on these disks; each with what to do. `who` is the job, and `system` the device of the
 * system's disk. Whether there is room is said of the directories that would be chosen first.
 */
export function diskWarnings(
  who: string,
  job: ResolvedJob,
  { chosen, all }: { chosen: readonly FoundDirectory[]; all: readonly FoundDirectory[] },
  system: string | null,
): { path: Path; message: string }[] {
  const onSystem = all
    .filter(({ device }) => device !== null && device === system)
    .map(({ argument, written, path }) => ({
      path: written,
      message: `${argument} ${path} is on the disk of the system, which suffers when plots fill it: take a disk of its own`,
    }));
  const full = lackOfRoom(job, chosen).map(({ path, message }) => ({ path, message: `${who}: ${message}` }));
  // What is true of a directory is said once, whichever jobs take it.
  return [...onSystem, ...full];
}

/** Whether the disks have room for one plot, all that is asked of each file system together. */
function lackOfRoom(job: ResolvedJob, found: readonly FoundDirectory[]): { path: Path; message: string }[] {
  const needs = spaceNeeds(job.definition, job.values);
  if (needs === null) return [];
  const destination = directoriesOf(job.definition, job.values).destination?.argument;
  const wanted = new Map(needs.temp.map(({ argument, bytes }) => [argument, bytes]));
  if (destination !== undefined) wanted.set(destination, needs.plot);
  const devices = new Map<string, { bytes: number; of: FoundDirectory[] }>();
  for (const directory of found) {
    const { device } = directory;
    if (device === null) continue;
    const before = devices.get(device) ?? { bytes: 0, of: [] };
    const bytes = before.bytes + (wanted.get(directory.argument) ?? 0);
    devices.set(device, { bytes, of: [...before.of, directory] });
  }
  return [...devices.values()].flatMap(({ bytes, of }) => {
    const [first] = of;
    const free = first?.free_bytes ?? null;
    const kept = Math.max(0, ...of.map(({ keep_free }) => keep_free));
    if (first === undefined || free === null || free - kept >= bytes) return [];
    const names = of.map(({ argument, path }) => `${argument} ${path}`).join(' and ');
    const room = `${sized(bytes)} for a plot, ${sized(free)} are free${kept > 0 ? `, of which ${sized(kept)} stay so (keep_free)` : ''}`;
    const never = first.total_bytes !== null && first.total_bytes - kept < bytes;
    const remedy = never ? 'which this disk never has: take another disk' : 'or takes another disk';
    const message = `no room in ${names}: it takes ${room}; the job waits until there is room, ${remedy}`;
    return [{ path: first.written, message }];
  });
}
