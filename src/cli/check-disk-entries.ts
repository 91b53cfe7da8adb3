import type { DiskEntry } from '../config/schema/disks.ts';
import type { Places } from '../daemon/effects/places.ts';
import type { Misfit } from './check-job.ts';

/** How long all of them together may take to answer, in milliseconds. */
const WITHIN_MS = 5_000;

/** Entries of `disks` that mean nothing now: their disks may come later, or somebody has mistyped. */
export async function checkDiskEntries(disks: readonly DiskEntry[], places: Places): Promise<Misfit[]> {
  const found = await places.find(
    disks.map(({ match }) => match),
    { withinMs: WITHIN_MS },
  );
  return disks.flatMap(({ match }, index): Misfit[] => {
    const there = (found.get(match) ?? []).filter(({ problem }) => problem !== 'missing');
    if (there.length > 0) return [];
    const message = `${match} matches no directory now`;
    return [{ path: ['disks', index, 'match'], at: 'value', message, warning: true }];
  });
}
