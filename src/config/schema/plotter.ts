import * as z from 'zod';
import { argumentsSchema } from '../../contract/names.ts';
import { checkArguments, checkPatterns, checkStages } from './plotter-checks.ts';
import {
  argumentDefinitionSchema,
  argumentNameSchema,
  openFilesSchema,
  partialSuffixSchema,
  patternSchema,
  spaceSchema,
  stageSchema,
} from './plotter-parts.ts';
import { checkSeveral, severalSchema } from './plotter-several.ts';

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
    /** Other spellings of flags, by flag: what a job's own words may not repeat. */
    other_flags: z.record(z.string(), z.array(z.string())).optional(),
    /** Without it a process makes one plot. */
    several: severalSchema.optional(),
    /** Name of the argument that decides the plot's size, the key of `space`. */
    size_argument: argumentNameSchema.default('k'),
    /** Room by plot size; without an entry the room isn't checked. */
    space: z.record(z.string(), spaceSchema).default({}),
    /** Without it the limit of open files isn't checked. */
    open_files: openFilesSchema.optional(),
    /** The plot's file name is its name and this. */
    plot_suffix: z.string().default('.plot'),
    /**
     * What the name of a plot's file is followed by in the destination until it is whole: such a file of a worker goes
     * when it fails or is dismissed.
     */
    partial: z.array(partialSuffixSchema).default([]),
    stages: z.array(stageSchema).min(1),
    patterns: z.array(patternSchema),
  })
  .superRefine(checkArguments)
  .superRefine(checkStages)
  .superRefine(checkPatterns)
  .superRefine(checkSeveral);
export type PlotterDefinition = z.infer<typeof plotterDefinitionSchema>;
/** A definition as it is written, before defaults are filled in. */
export type PlotterDefinitionInput = z.input<typeof plotterDefinitionSchema>;

/** What config.yaml may say of a plotter that is built in: its defaults. */
export const plotterSettingsSchema = z.strictObject({
  command: z.string().min(1).optional(),
  arguments: argumentsSchema.default({}),
});
