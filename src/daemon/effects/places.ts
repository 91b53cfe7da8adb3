import { dirname } from 'node:path';
import { type DiskEntry, rulesFor } from '../../config/schema/disks.ts';
import type { MatchedDirectory, PlaceProblem } from '../../engine/inputs.ts';
import { isNews } from '../../engine/starting/places/matched.ts';
import { type DirectoryProbe, listNames, probeAgain, probeDirectory } from '../../host/directories.ts';
import { fileSystemOf, type Mount, mountOf, mounts, pointsOf } from '../../host/mounts.ts';
import { atLastWildcard, isPattern, pathsMatching } from '../../util/directory-patterns.ts';

/** A directory as it is written, or one that a pattern matches, or has matched. */
export interface Place {
  path: string;
  problem: Exclude<PlaceProblem, 'not_allowed' | 'unmatched'> | null;
  /** What tells its file system from others, and where that is mounted; `null` where it isn't known. */
  filesystem: { key: string; point: string } | null;
  free_bytes: number | null;
  total_bytes: number | null;
}

export interface PlacesOptions {
  /** Rules for directories, as config.yaml says now. */
  disks(): readonly DiskEntry[];
  /** By pattern, what it has matched before. */
  matched(): Readonly<Record<string, readonly MatchedDirectory[]>>;
  /** Patterns match directories that they haven't matched before. */
  onMatched(patterns: ReadonlyMap<string, readonly MatchedDirectory[]>): void;
}

/** A look at one directory, and whether it, or what the last wildcard stands for in it, is a mount of its own. */
interface Seen {
  probe: DirectoryProbe;
  mount: boolean;
}

/** What a pattern, or a plain directory, means now. */
interface Meant {
  written: string;
  paths: string[];
  /** Directories in which a pattern couldn't be looked up. */
  silent: string[];
}

export interface FindOptions {
  withinMs: number;
  again?: boolean;
}

/** Shares of the time after which names, and directories, that haven't answered are given up: the rest has its turn. */
const NAMES_BY = 0.45;
const PROBES_BY = 0.85;

/** So long a directory that was fine is only asked for its room. */
const FINE_FOR_MS = 10 * 60_000;

/** Names that a pattern appends unseen need not be there: these are no matches. */
const NO_MATCH: ReadonlySet<DirectoryProbe['problem']> = new Set(['missing', 'not_a_directory']);

/**
 * Looks directories and patterns up and says what is there and what is left out (contract, section 8). Patterns are
 * looked up anew each time.
 */
export class Places {
  readonly #options: PlacesOptions;
  /** Directories that were fine, when, and on which mount by their names. */
  readonly #fine = new Map<string, { probe: DirectoryProbe; mount: string; at: number }>();

  constructor(options: PlacesOptions) {
    this.#options = options;
  }

  /**
   * By directory or pattern as it is written, absolute, the places that it means, after `withinMs` at the latest. With
   * `again`, of those that were fine a while ago only the room is looked at.
   */
  async find(
    written: Iterable<string>,
    { withinMs, again = false }: FindOptions,
  ): Promise<Map<string, Place[]>> {
    const began = performance.now();
    const left = (share: number) => Math.max(1, share * withinMs - (performance.now() - began));
    const table = mounts();
    const points = new Set(pointsOf(table));
    const meant = await Promise.all(
      [...new Set(written)].map((each) => whatIsMeant(each, () => left(NAMES_BY), table)),
    );
    const paths = [...new Set(meant.flatMap((each) => each.paths))];
    const probes = await Promise.all(paths.map((path) => this.#probe(path, table, left(PROBES_BY), again)));
    const probed = new Map(probes.map((probe) => [probe.path, probe]));
    const news = new Map<string, MatchedDirectory[]>();
    const found = new Map<string, Place[]>();
    for (const { written: from, paths: all, silent } of meant) {
      const seen = all.flatMap((path): Seen[] => {
        const probe = probed.get(path);
        if (!probe || (isPattern(from) && NO_MATCH.has(probe.problem))) return [];
        return [{ probe, mount: points.has(atLastWildcard(from, path) ?? path) }];
      });
      const known = this.#options.matched()[from] ?? [];
      if (isPattern(from)) {
        const now = seen.map(({ probe: { path }, mount }) => ({ path, mount }));
        if (isNews(known, now)) news.set(from, now);
      }
      const mounted = await this.#notMounted(from, seen, known, { points, left: () => left(1) });
      const places = seen.map(({ probe }) => placeOf(probe, mounted.has(probe.path), table));
      const there = new Set(places.map(({ path }) => path));
      const gone = known.filter(({ path }) => !there.has(path)).map(({ path }) => goneFrom(path, silent));
      found.set(from, [...places, ...gone]);
    }
    if (news.size > 0) this.#options.onMatched(news);
    return found;
  }

  /** Mounts that have changed, and time, make everything be looked at again. */
  async #probe(
    path: string,
    table: readonly Mount[],
    timeoutMs: number,
    again: boolean,
  ): Promise<DirectoryProbe> {
    const mountPoint = mountOf(path, pointsOf(table));
    const on = table.findLast(({ point }) => point === mountPoint);
    const mount = `${on?.device} ${on?.readOnly}`;
    const known = this.#fine.get(path);
    const isFine = again && known?.mount === mount && performance.now() - known.at < FINE_FOR_MS;
    const probe = isFine
      ? await probeAgain(known.probe, { timeoutMs, table })
      : await probeDirectory(path, { timeoutMs, table });
    if (probe.problem !== null) this.#fine.delete(path);
    else if (!isFine) this.#fine.set(path, { probe, mount, at: performance.now() });
    return probe;
  }

  /** Of these directories, those whose disks should be mounted there and are not. */
  async #notMounted(
    from: string,
    seen: readonly Seen[],
    known: readonly MatchedDirectory[],
    { points, left }: { points: ReadonlySet<string>; left(): number },
  ): Promise<ReadonlySet<string>> {
    const isMountedElsewhere = seen.some(({ mount }) => mount) || known.some(({ mount }) => mount);
    const away = seen.map(async ({ probe: { path, problem }, mount }): Promise<string[]> => {
      if (problem === 'not_answering' || problem === 'not_a_directory') return [];
      const { mounted } = rulesFor(this.#options.disks(), path);
      if (mounted === null)
        return problem !== 'missing' && isPattern(from) && isMountedElsewhere && !mount ? [path] : [];
      const own = await Promise.all(mounted.map((each) => isMountedAt(each, points, left())));
      return own.includes(false) ? [path] : [];
    });
    return new Set((await Promise.all(away)).flat());
  }
}

async function whatIsMeant(written: string, left: () => number, table: readonly Mount[]): Promise<Meant> {
  if (!isPattern(written)) return { written, paths: [written], silent: [] };
  const { directories, silent } = await pathsMatching(written, (directory) =>
    listNames(directory, { timeoutMs: left(), table }),
  );
  return { written, paths: directories, silent };
}

/**
 * Whether a directory is on another file system than the one above it, or a mount of its own; `null`: it isn't there, or
 * doesn't answer.
 */
async function isMountedAt(
  directory: string,
  points: ReadonlySet<string>,
  timeoutMs: number,
): Promise<boolean | null> {
  if (points.has(directory) || directory === '/') return true;
  const [own, above] = await Promise.all([
    probeDirectory(directory, { timeoutMs }),
    probeDirectory(dirname(directory), { timeoutMs }),
  ]);
  return own.device === null ? null : above.device !== null && own.device !== above.device;
}

function placeOf(probe: DirectoryProbe, notMounted: boolean, table: readonly Mount[]): Place {
  const { path, problem, device, free_bytes, total_bytes } = probe;
  const filesystem = device === null ? null : fileSystemOf(path, device, table);
  return { path, problem: notMounted ? 'not_mounted' : problem, filesystem, free_bytes, total_bytes };
}

/** One that a pattern has matched before and matches no more, or of which its disk says nothing. */
function goneFrom(path: string, silent: readonly string[]): Place {
  const below = silent.some((directory) => path.startsWith(directory === '/' ? '/' : `${directory}/`));
  const problem = below ? 'not_answering' : 'missing';
  return { path, problem, filesystem: null, free_bytes: null, total_bytes: null };
}
