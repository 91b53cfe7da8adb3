import type { Config } from '../config/schema/config.ts';
import type { Path } from '../config/positions.ts';
import { directoriesOf, LOOK_MS } from '../daemon/moving/directories-of.ts';
import { type ResolveContext, type ResolvedJob, resolveJob } from '../engine/starting/resolve.ts';
import { type DirectoryProbe, probeDirectory } from '../host/directories.ts';
import { directoryIdentity } from '../host/directory-identity.ts';
import { isPattern, meantBy } from '../util/directory-patterns.ts';
import type { Misfit } from './check-job.ts';

/** A directory of a move, and the place in the configuration that means it. */
interface MoveDirectory {
  path: Path;
  probe: DirectoryProbe;
  identity: string | null;
}

interface LookedAtMove {
  id: string;
  enabled: boolean;
  from: MoveDirectory[];
  to: MoveDirectory[];
  misfits: Misfit[];
}

/** What is wrong with moves, or looks like a mistake: by a look at the directories that they name. */
export async function checkMoves({ moves }: Pick<Config, 'moves'>): Promise<Misfit[]> {
  const looked = await Promise.all(Object.entries(moves).map(([id, move]) => lookAt(id, move)));
  const taken = new Map<string, string>();
  for (const { id, enabled, from } of looked)
    for (const { identity } of enabled ? from : []) if (identity !== null) taken.set(identity, id);
  return looked.flatMap((move) => [
    ...move.misfits,
    ...intoThoseTakenFrom(move, taken),
    ...(move.enabled ? onOneFileSystem(move) : []),
  ]);
}

async function lookAt(id: string, { from, to, enabled }: Config['moves'][string]): Promise<LookedAtMove> {
  const misfits: Misfit[] = [];
  const directories = async (key: 'from' | 'to', written: readonly string[]): Promise<MoveDirectory[]> => {
    const found = await Promise.all(
      written.map(async (each, index) => {
        const path: Path = written.length === 1 ? ['moves', id, key] : ['moves', id, key, index];
        const { directories: paths } = await directoriesOf([each]);
        const probes = await Promise.all(paths.map((one) => probeDirectory(one, { timeoutMs: LOOK_MS })));
        const there = probes.filter(({ problem }) => problem === null || problem === 'not_writable');
        const warn = (message: string) => misfits.push({ path, at: 'value', message, warning: true });
        if (there.length === 0)
          warn(
            isPattern(each)
              ? `move '${id}': no directory matches ${each} now`
              : `move '${id}': ${each} is no directory now; directories are never made`,
          );
        for (const { path: one, problem } of there)
          if (problem === 'not_writable') warn(`move '${id}': ${one} can't be written to by this account`);
        return Promise.all(
          there.map(async (probe) => {
            const identity = await directoryIdentity(probe.path, { timeoutMs: LOOK_MS });
            return { path, probe, identity: identity?.key ?? null };
          }),
        );
      }),
    );
    return found.flat();
  };
  return { id, enabled, from: await directories('from', from), to: await directories('to', to), misfits };
}

/** No move writes into a directory that an enabled move takes plots out of. */
function intoThoseTakenFrom({ id, to }: LookedAtMove, taken: ReadonlyMap<string, string>): Misfit[] {
  return to.flatMap(({ path, probe, identity }): Misfit[] => {
    const by = taken.get(identity ?? '');
    if (by === undefined) return [];
    const whose = by === id ? 'it takes plots out of that itself' : `move '${by}' takes plots out of that`;
    return [
      { path, at: 'value', warning: true, message: `move '${id}' never writes into ${probe.path}: ${whose}` },
    ];
  });
}

function onOneFileSystem({ id, from, to }: LookedAtMove): Misfit[] {
  const devices = new Map(from.map(({ probe }) => [probe.device, probe.path]));
  return to.flatMap(({ path, probe }): Misfit[] => {
    const source = probe.device === null ? undefined : devices.get(probe.device);
    if (source === undefined || source === probe.path) return [];
    const message = `move '${id}': ${source} and ${probe.path} are on one file system, so that plots are only renamed: is a disk not mounted?`;
    return [{ path, at: 'value', message, warning: true }];
  });
}

/** Jobs whose plots go where a move brings others: they take its room, and its disk's time. */
export function checkDestinations(
  { moves, jobs }: Pick<Config, 'moves' | 'jobs'>,
  context: ResolveContext,
): Misfit[] {
  const entries = Object.entries(moves);
  return Object.entries(jobs).flatMap(([job, definition]) => {
    const resolved = entries.length === 0 ? null : resolveJob(job, definition, context);
    if (!resolved?.ok) return [];
    return destinationsOf(resolved).flatMap(([argument, directory]) =>
      entries.flatMap(([id, { to }]): Misfit[] => {
        if (!to.some((pattern) => meantBy(pattern, directory) === directory)) return [];
        const message = `job '${job}' makes its plots in ${directory}, into which move '${id}' brings others: mostly a directory is meant that the move takes plots out of`;
        return [{ path: ['jobs', job, 'arguments', argument], at: 'value', message, warning: true }];
      }),
    );
  });
}

function destinationsOf({ definition, values }: ResolvedJob): [argument: string, directory: string][] {
  return Object.entries(values).flatMap(([argument, value]): [string, string][] => {
    if (definition.arguments[argument]?.role !== 'destination') return [];
    const all = Array.isArray(value) ? value : [value];
    return all.flatMap((each) => (typeof each === 'string' ? [[argument, each]] : []));
  });
}
