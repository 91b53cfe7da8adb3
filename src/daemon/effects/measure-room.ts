import { basename, join } from 'node:path';
import type { UsedRoom } from '../../engine/inputs.ts';
import type { State } from '../../engine/model/state.ts';
import type { WorkerState } from '../../engine/model/worker-state.ts';
import { fileBytes } from '../../host/directories.ts';
import { threads } from '../../host/looks.ts';
import { mountOf, mountPoints } from '../../host/mounts.ts';
import { usedBy } from './used-room.ts';

/** A disk that takes longer to answer counts as away. However many do, a start has been looked at in 5 s (contract, section 8). */
export const LOOK_MS = 3_500;

/**
 * What workers have taken so far, by worker. One whose disk doesn't answer in time is left out: it counts as if it had
 * taken nothing. Never rejects.
 */
export async function measureRoom(workers: WorkerState[], state: State): Promise<Map<string, UsedRoom>> {
  const points = mountPoints();
  const used = await Promise.all(workers.map((worker) => usedBy(worker, state, LOOK_MS, points)));
  const map = new Map<string, UsedRoom>();
  for (const [index, worker] of workers.entries()) {
    const room = used[index];
    if (room) map.set(worker.id, room);
  }
  return map;
}

/**
 * Bytes that are there of each plot that a move brings to one of these file systems, by transfer. One whose disk doesn't
 * answer in time is left out. Never rejects.
 */
export async function writtenByTransfers(
  { transfers }: State,
  filesystems: ReadonlySet<string | null>,
): Promise<Map<string, number>> {
  const points = mountPoints();
  const there = [...transfers.values()].filter((each) => filesystems.has(each.filesystem));
  const written = new Map<string, number>();
  const each = there.map(async ({ id, file, to }) => {
    const path = join(to, basename(file));
    // Under its own name it is whole.
    const measure = () => Promise.all([fileBytes(path), fileBytes(`${path}.tmp`)]).catch(() => null);
    const bytes = await threads.take(mountOf(to, points), measure, LOOK_MS);
    if (bytes) written.set(id, Math.max(...bytes.map((present) => present ?? 0)));
  });
  await Promise.all(each);
  return written;
}
