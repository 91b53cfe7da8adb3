import * as z from 'zod';
import { argumentsSchema } from '../../contract/names.ts';
import { checkArgumentRules } from './plotter-argument-checks.ts';
import { checkArguments, checkPatterns, checkStages } from './plotter-checks.ts';
import { checkFlags } from './plotter-flag-checks.ts';
import { checkOutcome, okExitCodesSchema, stopSchema, successSchema } from './plotter-outcome.ts';
import {
  argumentDefinitionSchema,
  argumentNameSchema,
  DEFAULT_SUFFIX,
  openFilesSchema,
  partialSuffixSchema,
  patternSchema,
  plotSuffixSchema,
  stageSchema,
} from './plotter-parts.ts';
import { checkSeveral, severalSchema } from './plotter-several.ts';
import { isForEach, spaceBySizeSchema, spaceForEachSchema, spacesSchema } from './plotter-space.ts';
import { checkOpenFiles, checkSpace, checkSuffixes } from './plotter-space-checks.ts';

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
    /** Room by plot size, or for each of so many; where it says nothing of a size the room isn't checked. */
    space: spacesSchema,
    /** Without it the limit of open files isn't checked. */
    open_files: openFilesSchema.optional(),
    /** How the files of finished plots end. Default: `plot_suffix`. */
    suffixes: z.array(plotSuffixSchema).min(1).optional(),
    /** Where a line names a plot without its file: the file's name is that name and this. Default: the first of `suffixes`. */
    plot_suffix: z.string().optional(),
    /**
     * What the name of a plot's file is followed by in the destination until it is whole: such a file of a worker goes
     * when it fails or is dismissed.
     */
    partial: z.array(partialSuffixSchema).default([]),
    success: successSchema.default('exists'),
    ok_exit_codes: okExitCodesSchema.default([0]),
    stop: stopSchema.prefault({}),
    suspend: z.boolean().default(true).meta({
      description: 'false: it is never suspended; a pause lets it go on to the end of its plot.',
    }),
    stages: z.array(stageSchema).min(1),
    patterns: z.array(patternSchema),
  })
  .superRefine(checkArguments)
  .superRefine(checkArgumentRules)
  .superRefine(checkFlags)
  .superRefine(checkOpenFiles)
  .superRefine(checkSpace)
  .superRefine(checkSuffixes)
  .superRefine(checkStages)
  .superRefine(checkPatterns)
  .superRefine(checkSeveral)
  .superRefine(checkOutcome);
export type PlotterDefinition = z.infer<typeof plotterDefinitionSchema>;
/** A definition as it is written, before defaults are filled in. */
export type PlotterDefinitionInput = z.input<typeof plotterDefinitionSchema>;

const BY_SIZE = plotterDefinitionSchema.safeExtend({ space: spaceBySizeSchema.default({}) });
const FOR_EACH = plotterDefinitionSchema.safeExtend({ space: spaceForEachSchema });

/** The schema of a definition of which this is written: of the two shapes of `space` its errors speak of one alone. */
export function definitionSchemaOf(written: unknown): z.ZodType<PlotterDefinition> {
  const space = typeof written === 'object' && written !== null && 'space' in written ? written.space : null;
  return typeof space === 'object' && space !== null && isForEach(space) ? FOR_EACH : BY_SIZE;
}

/** The plot's file name is the name that its log says, and this. */
export function plotSuffixOf({
  plot_suffix,
  suffixes,
}: Pick<PlotterDefinition, 'plot_suffix' | 'suffixes'>): string {
  return plot_suffix ?? suffixes?.[0] ?? DEFAULT_SUFFIX;
}

/** How the files of finished plots end. */
export function suffixesOf(
  definition: Pick<PlotterDefinition, 'plot_suffix' | 'suffixes'>,
): readonly string[] {
  return definition.suffixes ?? [plotSuffixOf(definition)];
}

/** What config.yaml may say of a plotter that is built in: its defaults. */
export const plotterSettingsSchema = z.strictObject({
  command: z.string().min(1).optional(),
  arguments: argumentsSchema.default({}),
});
