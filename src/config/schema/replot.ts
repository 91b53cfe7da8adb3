import * as z from 'zod';

/** Adds what editors and the documentation say of a key. */
const say = <Schema extends z.ZodType>(schema: Schema, description: string) => schema.meta({ description });

/** A pattern for names in a directory; hidden files are no plots. */
const NAME_PATTERN = /^[^./\0][^/\0]*$/;

const patternSchema = z
  .string()
  .regex(NAME_PATTERN, 'a pattern for names of files, without directories, such as "plot-k32-*.plot"');

/** One, or a list of them. */
function listOf<Item extends z.ZodType>(item: Item, most: number) {
  return z.union([item.transform((one) => [one]), z.array(item).min(1).max(most)]);
}

const MOST_PATTERNS = 100;
const MOST_DIRECTORIES = 200;
/** Old plots that may go for one new one. */
const MOST_PER_PLOT = 100;

const ruleFields = {
  match: say(
    listOf(patternSchema, MOST_PATTERNS).default(['*.plot']),
    'Patterns for the names of plots, of which one must match (default: *.plot); `*` stands for any characters, `?` for one. Plots end in .plot; .plot2, .gplot and other suffixes of plotters are meant only where the pattern ends so.',
  ),
  k: say(
    listOf(z.number().int().min(1).max(99), MOST_PATTERNS).optional(),
    'Only plots of these sizes, by their names: 32, or a list. A name without a size is none of them.',
  ),
  compression: say(
    listOf(z.number().int().min(0).max(99), MOST_PATTERNS).optional(),
    'Only plots of these levels of compression, by their names; a name without a level is 0.',
  ),
  dirs: say(
    listOf(z.string().min(1), MOST_DIRECTORIES).optional(),
    'Only plots directly in these directories, patterns too, on the file system of the destination that a worker got. Default: the destinations of the job.',
  ),
  max_per_plot: say(
    z.number().int().min(1).max(MOST_PER_PLOT).default(1),
    'So many old plots go for one new plot (default 1).',
  ),
  as_needed: say(
    z.boolean().default(false),
    'true: only as many go as the new plot needs room, none where there is enough.',
  ),
  dry_run: say(
    z.boolean().default(false),
    'true: nothing is removed, replot_would_remove is told for each plot that would be.',
  ),
};

/** Which old plots may go (contract, section 10): all that it says must hold for a file. */
export const replotSchema = z.strictObject({
  before: say(
    // What is no time at all is told as that.
    z.iso.datetime({ offset: true }).refine((text) => !(Date.parse(text) > Date.now()), {
      error: 'is in the future: only plots that are older than a time that has passed may be removed',
    }),
    'None newer than this time is removed; it must have passed.',
  ),
  ...ruleFields,
});
export type ReplotRule = z.infer<typeof replotSchema>;

/**
 * A rule as it is kept. It was checked when it came: a time that a clock set back calls future is no reason to lose the
 * job. Version 1 had but the time.
 */
export const storedReplotSchema: z.ZodType<ReplotRule> = z.object({
  before: z.string(),
  ...ruleFields,
  // A worker's are its job's destinations, where its rule names none.
  dirs: z.array(z.string()).optional(),
});

/**
 * The rule of a move (contract, section 10): as many go as the new plot needs, when it is whole and about to be written
 * to that disk.
 */
export const moveReplotSchema = z.strictObject({
  before: replotSchema.shape.before,
  match: ruleFields.match,
  k: ruleFields.k,
  compression: ruleFields.compression,
  dirs: say(
    listOf(z.string().min(1), MOST_DIRECTORIES).optional(),
    'Only plots directly in these directories, patterns too, on the file system of the destination that was chosen. Default: the directories of `to`.',
  ),
  max_per_plot: say(
    z.number().int().min(1).max(MOST_PER_PLOT).optional(),
    'At most so many old plots go for one new plot. Default: as many as it needs.',
  ),
  dry_run: ruleFields.dry_run,
});
export type MoveReplotEntry = z.infer<typeof moveReplotSchema>;

/** A move's rule without a bound of its own has this one. */
export const MOST_OLD_PLOTS = MOST_PER_PLOT;

/** Whether a time (ISO 8601) has not come yet at `now` (milliseconds since 1970). */
export function isInFuture(text: string, now: number): boolean {
  // What is no time at all is as good as never: nothing may go by it.
  return !(Date.parse(text) <= now);
}
