import * as z from 'zod';
import { argumentValueSchema } from '../../contract/names.ts';

/** A plotter's argument name: the name that jobs use, whatever flag the program has for it. */
export const argumentNameSchema = z.string().regex(/^[a-z][a-z0-9_]*$/, 'lower-case letters, digits and "_"');

/** A named group of a pattern, or a name that a pattern sets. */
const groupNameSchema = z.string().regex(/^[A-Za-z_]\w*$/, 'a name of letters, digits and "_"');

/** A suffix such as ".tmp": behind a plot's name it must not make the name of another plot, or of a directory. */
export const partialSuffixSchema = z
  .string()
  .regex(/^\.[\w.-]*[\w-]$/, 'a suffix such as ".tmp"')
  .refine((suffix) => !/\.plot$/.test(suffix), 'an unfinished file is not named like a finished one');

/** How the files of plots end where a definition doesn't say. */
export const DEFAULT_SUFFIX = '.plot';

/** The suffix of a finished plot's file, such as ".plot". */
export const plotSuffixSchema = z.string().regex(/^\.[A-Za-z0-9][\w.-]*$/, 'a suffix such as ".plot"');

const stageIdSchema = z.string().regex(/^\d+(\.\d+)?$/, 'a phase such as "2" or a step such as "1.3"');

const conditionalWordsSchema = z.strictObject({
  /** Holds for numbers below this. */
  below: z.number().optional(),
  /** Holds for exactly this value. */
  equals: argumentValueSchema.optional(),
  words: z.array(z.string()).min(1),
});

const ARGUMENT_TYPES = ['string', 'integer', 'boolean', 'hex', 'directory', 'words'] as const;

export const argumentDefinitionSchema = z.strictObject({
  title: z.string().optional(),
  /** What a right value looks like, for the message about a wrong one. */
  hint: z.string().optional(),
  /**
   * The word before the value; `words` arguments have none, others without one are passed as the bare value. A
   * boolean is its flag, or nothing.
   */
  flag: z.string().optional(),
  type: z.enum(ARGUMENT_TYPES),
  min: z.number().optional(),
  max: z.number().optional(),
  /** Characters that a hex string must have, an even number. */
  length: z.number().int().positive().optional(),
  /** A regular expression that a string must match, from its beginning to its end. */
  pattern: z.string().optional(),
  default: argumentValueSchema.optional(),
  required: z.boolean().default(false),
  /** Arguments of one group exclude each other; where all of them are required, one of them is. */
  one_of: z.string().optional(),
  /** What a directory is for: temporary ones get a folder of their own for each worker. */
  role: z.enum(['temp', 'destination']).optional(),
  /** The program wants a slash at the end of a directory. */
  trailing_slash: z.boolean().default(false),
  /** All directories of a list are handed over, the flag before each; otherwise one of them is chosen. */
  list: z.boolean().default(false),
  /**
   * A regular expression for the beginning of values that are no local directories (`@host`): they are handed over as
   * they are, and no room is looked at.
   */
  remote: z.string().optional(),
  /** `false`: the program doesn't get it; others are computed from it. */
  pass: z.boolean().default(true),
  /** A list of words stands where it is in the definition, rather than behind everything else. */
  in_place: z.boolean().default(false),
  /** Words added after the value when it fulfils a condition. */
  with: z.array(conditionalWordsSchema).default([]),
});
export type ArgumentDefinition = z.infer<typeof argumentDefinitionSchema>;

export const stageSchema = z.strictObject({
  id: stageIdSchema,
  title: z.string().min(1),
  /**
   * Share of a plot's whole time, in any unit. Only innermost stages have one: a phase with steps takes the
   * sum of theirs.
   */
  weight: z.number().nonnegative().optional(),
  /**
   * `shrinks`: temporary files are freed in it, and none is added; in the other stages they may grow. Where no stage says
   * so, they grow up to phase 3.
   */
  temp: z.literal('shrinks').optional(),
});
export type StageDefinition = z.infer<typeof stageSchema>;

/**
 * What one line of a plotter's log means; the first pattern that matches decides, ANSI colours are taken away
 * first. `match` is a regular expression (JavaScript) with named groups; templates may use them as `{group}`,
 * looked up in `lookup` first where it has them, and so what an earlier line of the log has `set`. They are tried in
 * order on every line: those of the most frequent lines belong first, and all should begin with `^`.
 */
export const patternSchema = z.strictObject({
  match: z.string().min(1),
  /** Only tried while the innermost stage is this one or inside this phase. */
  during: stageIdSchema.optional(),
  /** Only tried while these names, as `set` by earlier lines, have these values. */
  when: z.record(groupNameSchema, z.string()).default({}),
  /** Templates of values that later lines of the same log may use: `of` for `inside`, or any for `when`. */
  set: z.record(groupNameSchema, z.string()).default({}),
  /** Template of the stage that begins with this line. */
  enter: z.string().optional(),
  /** Template of the stage that ends with this line; the next one begins. */
  leave: z.string().optional(),
  /**
   * How far the stage (without a template: the innermost one) is: groups `done` and `of` (or `percent`) say it.
   * `from` and `to` (0 to 1) map it to a part of the stage; without groups the line means `to`. `whole`: of the whole
   * plot instead; stages that no pattern tells of are gone through by their weights.
   */
  inside: z
    .strictObject({
      stage: z.string().optional(),
      whole: z.boolean().default(false),
      from: z.number().min(0).max(1).default(0),
      to: z.number().min(0).max(1).default(1),
    })
    .optional(),
  /** Template lookups: group value → text. */
  lookup: z.record(z.string(), z.string()).default({}),
  /** With this line a plot begins, in a process that makes several: once for each, with the first one too. */
  begin: z.boolean().default(false),
  /** The group `name` is the plot's name (without directory and ".plot"). */
  plot_name: z.boolean().default(false),
  /** The group `id` is the plot's id, 64 hexadecimal characters. */
  plot_id: z.boolean().default(false),
  /** The group `file` is the final plot: only this line says that the plot has reached its destination. */
  final_file: z.boolean().default(false),
  /**
   * The group `size` is the plot's size, the group `unit` its unit (B, kB to TB, KiB to TiB; without it bytes): a final
   * file that is smaller doesn't count.
   */
  plot_size: z.boolean().default(false),
  /**
   * An error: the group `error`, else the whole line, is its text. `waits`: the plotter tries again by itself, until a
   * line tells of a stage, of progress, or has `goes_on`; the group `path` is the file or directory that it can't write
   * (default: the destination), whose room is then told. `fatal`: the plot has failed, whatever the program says or
   * returns afterwards.
   */
  error: z.strictObject({ waits: z.boolean().default(false), fatal: z.boolean().default(false) }).optional(),
  /** A line that only says that the plotter waits no more. */
  goes_on: z.boolean().default(false),
});
export type LogPattern = z.infer<typeof patternSchema>;

/**
 * Files that a plotter has open at once at most: the largest of some arguments, a number for each of others, and some
 * more. Where a number of buckets may be given as an exponent of 2, that holds below `powers_below`.
 */
export const openFilesSchema = z.strictObject({
  largest_of: z.array(argumentNameSchema).min(1),
  powers_below: z.number().int().default(0),
  times: z.record(argumentNameSchema, z.number()).default({}),
  plus: z.number().default(0),
});

/** `{group}` in a template. */
export const TEMPLATE_GROUP = /\{(\w+)\}/g;

/** `{sequence}`, `{sequence:256}`, `{random:64}` and `{argument}` in words, flags and defaults. */
export const COMPUTED = /\{([a-z][a-z0-9_]*)(?::(\d+))?\}/g;

/** What `{…}` draws anew at each start: an argument can't be called so. */
export const DRAWN: readonly string[] = ['sequence', 'random'];

/** The phase of a stage: "1" of "1.3", and of "1". */
export function phaseOf(stage: string): string {
  return stage.split('.', 1)[0] ?? stage;
}
