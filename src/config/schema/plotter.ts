import { z } from 'zod';
import { argumentsSchema, argumentValueSchema } from './names.ts';

/** A plotter's argument name: the name that jobs use, whatever flag the program has for it. */
const argumentNameSchema = z.string().regex(/^[a-z][a-z0-9_]*$/, 'lower-case letters, digits and "_"');

const stageIdSchema = z.string().regex(/^\d+(\.\d+)?$/, 'a phase such as "2" or a step such as "1.3"');

const conditionalWordsSchema = z.strictObject({
  /** Holds for numbers below this. */
  below: z.number().optional(),
  /** Holds for exactly this value. */
  equals: argumentValueSchema.optional(),
  words: z.array(z.string()).min(1),
});

export const ARGUMENT_TYPES = ['string', 'integer', 'boolean', 'hex', 'directory', 'words'] as const;

const argumentDefinitionSchema = z.strictObject({
  title: z.string().optional(),
  /** The word before the value; `words` arguments have none. A boolean is its flag, or nothing. */
  flag: z.string().optional(),
  type: z.enum(ARGUMENT_TYPES),
  min: z.number().optional(),
  max: z.number().optional(),
  /** Characters that a hex string must have, an even number. */
  length: z.number().int().positive().optional(),
  /** A regular expression that a string must match. */
  pattern: z.string().optional(),
  default: argumentValueSchema.optional(),
  required: z.boolean().default(false),
  /** Arguments of one group exclude each other. */
  one_of: z.string().optional(),
  /** What a directory is for: temporary ones get a folder of their own for each worker. */
  role: z.enum(['temp', 'destination']).optional(),
  /** The program wants a slash at the end of a directory. */
  trailing_slash: z.boolean().default(false),
  /** Words added after the value when it fulfils a condition. */
  with: z.array(conditionalWordsSchema).default([]),
});
export type ArgumentDefinition = z.infer<typeof argumentDefinitionSchema>;

const stageSchema = z.strictObject({
  id: stageIdSchema,
  title: z.string().min(1),
  /**
   * Share of a plot's whole time, in any unit. Only innermost stages have one: a phase with steps takes the
   * sum of theirs.
   */
  weight: z.number().nonnegative().optional(),
});
export type StageDefinition = z.infer<typeof stageSchema>;

/**
 * What one line of a plotter's log means. `match` is a regular expression (JavaScript) with named groups; the
 * stage templates may use them as `{group}`, looked up in `lookup` first where it has them.
 */
const patternSchema = z.strictObject({
  match: z.string().min(1),
  /** Only tried while the innermost stage is this one or inside this phase. */
  during: stageIdSchema.optional(),
  /** Template of the stage that begins with this line. */
  enter: z.string().optional(),
  /** Template of the stage that ends with this line; the next one begins. */
  leave: z.string().optional(),
  /**
   * How far the stage is: groups `done` and `of` (or `percent`) say it. `from` and `to` (0 to 1) map it to a
   * part of the stage; without groups the line means `to`.
   */
  inside: z
    .strictObject({
      stage: z.string().optional(),
      from: z.number().min(0).max(1).default(0),
      to: z.number().min(0).max(1).default(1),
    })
    .optional(),
  /** Template lookups: group value → text. */
  lookup: z.record(z.string(), z.string()).default({}),
  /** The group `name` is the plot's name (without directory and ".plot"). */
  plot_name: z.boolean().default(false),
  /** The group `id` is the plot's id, 64 hexadecimal characters. */
  plot_id: z.boolean().default(false),
  /** The group `file` is the final plot: only this line says that the plot has reached its destination. */
  final_file: z.boolean().default(false),
  /** An error: the group `error`, else the whole line, is its text. `waits`: the plotter tries again by itself. */
  error: z.strictObject({ waits: z.boolean().default(false) }).optional(),
});
export type LogPattern = z.infer<typeof patternSchema>;

/** Room that one plot needs, in bytes. `temp` is by argument name of the temporary directory. */
const spaceSchema = z.strictObject({
  plot: z.number().positive(),
  temp: z.record(argumentNameSchema, z.number().nonnegative()).default({}),
});

/**
 * A plotter is data: what it is called, which arguments it takes, which stages it goes through and what its log
 * lines mean. Built-in plotters and those of a user's config.yaml have this same shape.
 */
export const plotterDefinitionSchema = z
  .strictObject({
    title: z.string().min(1),
    /** Shell snippet; `"$@"` stands for the arguments and is appended where it is missing. */
    command: z.string().min(1),
    /** Words that always come first. */
    words: z.array(z.string()).default([]),
    arguments: z.record(argumentNameSchema, argumentDefinitionSchema),
    /** Name of the argument that decides the plot's size, the key of `space`. */
    size_argument: argumentNameSchema.default('k'),
    /** Room by plot size; without an entry the room isn't checked. */
    space: z.record(z.string(), spaceSchema).default({}),
    /** The plot's file name is its name and this. */
    plot_suffix: z.string().default('.plot'),
    stages: z.array(stageSchema).min(1),
    patterns: z.array(patternSchema),
  })
  .superRefine(checkStages)
  .superRefine(checkPatterns);
export type PlotterDefinition = z.infer<typeof plotterDefinitionSchema>;
/** A definition as it is written, before defaults are filled in. */
export type PlotterDefinitionInput = z.input<typeof plotterDefinitionSchema>;

interface Checker {
  addIssue(issue: { code: 'custom'; path: (string | number)[]; message: string }): void;
}

/** Stages come in order, each step after its phase, and no id comes twice. */
function checkStages(definition: { stages: StageDefinition[] }, check: Checker): void {
  const seen = new Set<string>();
  for (const [index, stage] of definition.stages.entries()) {
    const phase = stage.id.split('.')[0] ?? stage.id;
    const path = ['stages', index, 'id'];
    if (seen.has(stage.id)) check.addIssue({ code: 'custom', path, message: `stage "${stage.id}" comes twice` });
    else if (phase !== stage.id && !seen.has(phase))
      check.addIssue({ code: 'custom', path, message: `step "${stage.id}" comes before its phase "${phase}"` });
    seen.add(stage.id);
  }
}

/** Every `match` is a regular expression that compiles. */
function checkPatterns(definition: { patterns: LogPattern[] }, check: Checker): void {
  for (const [index, pattern] of definition.patterns.entries()) {
    try {
      new RegExp(pattern.match);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      check.addIssue({ code: 'custom', path: ['patterns', index, 'match'], message: reason });
    }
  }
}

/** What config.yaml may say of a plotter that is built in: its defaults. */
export const plotterSettingsSchema = z.strictObject({
  command: z.string().min(1).optional(),
  arguments: argumentsSchema.default({}),
});
export type PlotterSettings = z.infer<typeof plotterSettingsSchema>;
