import type { DiskFigures, FileSystemFigures } from '../../contract/views.ts';
import { BYTES_PER_GIB } from '../../util/bytes.ts';

/** Room is shown anew so often at most, in milliseconds (contract, section 6). */
const RENEWED_MS = 5 * 60_000;
/** And in steps of this share of the disk, where that is more than 1 GiB. */
const STEP_SHARE = 0.001;

/** The file systems of disks as they are shown, which spares those who record each change. */
export class SteadyFileSystems {
  #shown = new Map<string, { figures: FileSystemFigures; changedAt: number }>();

  /**
   * Those of these disks, each once.
   * @param now milliseconds of a clock that doesn't go back
   */
  of(disks: readonly DiskFigures[], now: number): FileSystemFigures[] {
    const before = this.#shown;
    this.#shown = new Map();
    for (const [path, all] of byFileSystem(disks)) {
      const figures = figuresOf(path, all);
      const shown = before.get(path);
      const isFresh = shown && now - shown.changedAt < RENEWED_MS && shown.figures.state === figures.state;
      if (isFresh)
        this.#shown.set(path, { ...shown, figures: { ...shown.figures, full_at: figures.full_at } });
      else {
        const isSame = shown && JSON.stringify(shown.figures) === JSON.stringify(figures);
        this.#shown.set(path, { figures, changedAt: isSame ? shown.changedAt : now });
      }
    }
    return [...this.#shown.values()].map(({ figures }) => figures);
  }
}

function byFileSystem(disks: readonly DiskFigures[]): Map<string, DiskFigures[]> {
  const all = new Map<string, DiskFigures[]>();
  for (const disk of disks) {
    if (disk.filesystem === null) continue;
    const others = all.get(disk.filesystem);
    if (others) others.push(disk);
    else all.set(disk.filesystem, [disk]);
  }
  return all;
}

/** Datasets of one pool may have quotas: the most that one of them says is what the pool has. */
function figuresOf(path: string, disks: readonly DiskFigures[]): FileSystemFigures {
  const most = disks.reduce((one, other) => ((other.free_bytes ?? 0) > (one.free_bytes ?? 0) ? other : one));
  const { free_bytes, total_bytes, reserved_bytes } = most;
  const step = Math.max(BYTES_PER_GIB, Math.round((total_bytes ?? 0) * STEP_SHARE));
  const free = free_bytes === null ? null : Math.floor(free_bytes / step) * step;
  const known = free !== null && total_bytes !== null && total_bytes > 0;
  return {
    path,
    free_bytes: free,
    total_bytes,
    used_percent: known ? Math.round((1 - free / total_bytes) * 100) : null,
    reserved_bytes: reserved_bytes === null ? null : Math.ceil(reserved_bytes / step) * step,
    full_at: disks.find(({ full_at }) => full_at !== null)?.full_at ?? null,
    state: disks.find(({ state }) => state !== 'ok')?.state ?? 'ok',
  };
}
