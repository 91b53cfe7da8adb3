import type { DiskFigures, DiskState, Space } from '../contract/views.ts';
import { type DirectoryProbe, type DirectoryProblem, probeDirectory } from './directories.ts';
import { deviceWords, type FileSystems, fileSystemsOf } from './file-systems.ts';
import { type Mount, mountAbove, mounts } from './mounts.ts';
import { PlotCounts } from './plot-counts.ts';
import { realDirectory } from './real-directory.ts';

/** A disk that takes longer than this is one that is away: the next figures ask it again. */
const TIMEOUT_MS = 3_000;
/** Plots that aren't counted by then are shown as they were counted before. */
const COUNTED_WITHIN_MS = 500;

/** A directory to look at. */
export type Disk = Pick<DiskFigures, 'role' | 'path'>;

/** What a look at a directory found; null is what isn't known. */
export interface DiskLook extends Disk, Space {
  state: DiskState;
  /** Its device number, which tells file systems apart. */
  device: string | null;
  filesystem: string | null;
  plots: number | null;
}

/** What a look at all of them found. */
export interface DisksLook {
  disks: DiskLook[];
  /** The file system that any directory is on, as `filesystem` says it. */
  filesystemOf(directory: string): string | null;
}

/** Looks at directories, time and again. `suffixes` are those of plots. Never throws. */
export type LookAtDisks = (disks: readonly Disk[], suffixes: readonly string[]) => Promise<DisksLook>;

interface Look {
  probe: DirectoryProbe;
  /** Its name without links. */
  real: string;
  plots: number | null;
}

/** A look with a memory: what a directory's name leads to, and how many plots there were. */
export function createDiskLooks(): LookAtDisks {
  const counts = new PlotCounts();
  const realNames = new Map<string, string>();
  return async (disks, suffixes) => {
    const paths = new Set(disks.map(({ path }) => path));
    const mounted = mounts();
    const look = async (path: string): Promise<[string, Look]> => {
      const mount = mountAbove(path, mounted)?.point ?? path;
      const probe = await probeDirectory(path, { timeoutMs: TIMEOUT_MS, mount });
      const { stats } = probe;
      if (stats === undefined) return [path, { probe, real: path, plots: null }];
      const plots = await within(counts.count(path, stats, suffixes), () => counts.known(path));
      return [path, { probe, real: await realName(path, stats.dev, mounted, realNames), plots }];
    };
    const looks = new Map(await Promise.all([...paths].map(look)));
    counts.keep(paths);
    const there = [...looks.values()].filter(({ probe }) => isThere(probe));
    const fileSystems = fileSystemsOf(
      there.map(({ real }) => real),
      mounted,
    );
    return {
      disks: disks.flatMap(({ role, path }) => figuresOf(role, path, looks.get(path), fileSystems)),
      filesystemOf: (directory) => fileSystems.nameOf(looks.get(directory)?.real ?? directory),
    };
  };
}

/** What is known in time, else what was known before. */
function within<Value>(coming: Promise<Value>, before: () => Value): Promise<Value> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(before()), COUNTED_WITHIN_MS);
    void coming.then((value) => {
      clearTimeout(timer);
      resolve(value);
    });
  });
}

function figuresOf(
  role: Disk['role'],
  path: string,
  look: Look | undefined,
  fileSystems: FileSystems,
): DiskLook[] {
  if (look === undefined) return [];
  const { probe, real, plots } = look;
  const { device, free_bytes, total_bytes } = probe;
  const filesystem = isThere(probe) ? fileSystems.nameOf(real) : null;
  return [{ role, path, state: stateOf(probe), device, filesystem, free_bytes, total_bytes, plots }];
}

/** What doesn't answer is on the file system that its name says. */
function isThere({ problem }: DirectoryProbe): boolean {
  return problem !== 'missing' && problem !== 'not_a_directory';
}

const STATES = {
  missing: 'missing',
  not_a_directory: 'missing',
  not_writable: 'read_only',
  not_answering: 'not_answering',
} as const satisfies Record<DirectoryProblem, DiskState>;

/** What one look says of a directory. */
function stateOf({ problem }: DirectoryProbe): DiskState {
  return problem === null ? 'ok' : STATES[problem];
}

/** Only where a name leads to another file system than it says are its links followed, once. */
async function realName(
  path: string,
  dev: bigint,
  mounted: readonly Mount[],
  known: Map<string, string>,
): Promise<string> {
  const device = deviceWords(dev);
  if (mountAbove(path, mounted)?.device === device) return path;
  const key = `${device} ${path}`;
  const real = known.get(key) ?? (await realDirectory(path, { timeoutMs: TIMEOUT_MS }));
  if (real === null) return path;
  known.set(key, real);
  return real;
}
