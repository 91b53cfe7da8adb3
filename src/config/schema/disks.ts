import * as z from 'zod';
import { MAX_WORKERS_LIMIT } from '../../contract/commands.ts';
import { durationSchema, sizeSchema } from '../../contract/names.ts';
import { meantBy } from '../../util/directory-patterns.ts';

const phaseSchema = z.string().regex(/^[1-9]\d*$/, 'the number of a phase, such as 1');

const workers = z.number().int().min(0).max(MAX_WORKERS_LIMIT);

/** An entry of `disks`: rules for the directories that it matches (contract, section 8). */
export const diskSchema = z.strictObject({
  match: z.string().min(1).meta({
    description:
      'A directory, or a pattern ("*" any characters of a name, "?" one): the rules hold for it and all inside it.',
  }),
  max_workers: workers
    .optional()
    .meta({ description: 'Workers that have a directory there, of each file system; 0: none starts.' }),
  max_in_phase: z.record(phaseSchema, workers).optional().meta({
    description:
      'By phase: how many workers with a temporary directory there may not have finished it, of each file system.',
  }),
  apart: durationSchema
    .optional()
    .meta({ description: 'At least so long between two starts there, of each file system.' }),
  keep_free: sizeSchema.optional().meta({ description: 'So much room there is left alone.' }),
  mounted: z.boolean().optional().meta({
    description:
      'true: left out while what `match` names is on the same file system as the directory above it. Default: true for directories of a pattern of which another one is a mount of its own.',
  }),
  max_moves: z
    .number()
    .int()
    .min(1)
    .max(100)
    .optional()
    .meta({ description: 'Moves onto each file system there at once (default 1).' }),
  closed: z.boolean().default(false).meta({
    description: 'true: no worker and no move gets a directory there; what is there may be moved away.',
  }),
});
export type DiskEntry = z.infer<typeof diskSchema>;

export const disksSchema = z.array(diskSchema).max(200);

/** What all entries that match a directory say together: the stricter value first. */
export interface DiskRules {
  max_workers: number | null;
  max_in_phase: Readonly<Record<string, number>>;
  /** Seconds; 0: none. */
  apart: number;
  /** Bytes. */
  keep_free: number;
  /** Which directories must be on another file system than the one above them; `null`: nobody has said. */
  mounted: readonly string[] | null;
  max_moves: number;
  closed: boolean;
}

const MOVES_BY_DEFAULT = 1;

/** The entries that hold for a directory: those that match it, or one above it. Both are absolute. */
export function entriesFor(disks: readonly DiskEntry[], directory: string): DiskEntry[] {
  return disks.filter(({ match }) => meantBy(match, directory) !== null);
}

/** What holds for a directory. */
export function rulesFor(disks: readonly DiskEntry[], directory: string): DiskRules {
  const entries = entriesFor(disks, directory);
  const given = <Key extends 'max_workers' | 'apart' | 'keep_free' | 'max_moves'>(key: Key) =>
    entries.flatMap((entry) => entry[key] ?? []);
  const least = given('max_workers');
  return {
    max_workers: least.length === 0 ? null : Math.min(...least),
    max_in_phase: strictestPhases(entries),
    apart: Math.max(0, ...given('apart')),
    keep_free: Math.max(0, ...given('keep_free')),
    mounted: mountsWanted(entries, directory),
    max_moves: Math.min(...(given('max_moves').length === 0 ? [MOVES_BY_DEFAULT] : given('max_moves'))),
    closed: entries.some(({ closed }) => closed),
  };
}

function strictestPhases(entries: readonly DiskEntry[]): Record<string, number> {
  const strictest: Record<string, number> = {};
  for (const { max_in_phase = {} } of entries)
    for (const [phase, most] of Object.entries(max_in_phase))
      strictest[phase] = Math.min(most, strictest[phase] ?? most);
  return strictest;
}

function mountsWanted(entries: readonly DiskEntry[], directory: string): string[] | null {
  if (entries.every(({ mounted }) => mounted === undefined)) return null;
  return entries.flatMap(({ match, mounted }) => (mounted === true ? (meantBy(match, directory) ?? []) : []));
}
