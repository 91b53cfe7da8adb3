import * as z from 'zod';
import { argumentNameSchema } from './plotter-parts.ts';

const shares = {
  plot: z.number().positive(),
  temp: z.record(argumentNameSchema, z.number().nonnegative()).default({}),
  together: z.number().nonnegative().optional(),
};

/**
 * Room that one plot needs, in bytes. `temp` is by argument name of the temporary directory, the main one first:
 * the share of a directory that isn't given falls on it. `together` is what they need at most where all are one
 * (default: their sum), since each has its peak at a time of its own.
 */
export const spaceSchema = z.strictObject(shares);
export type SpaceDefinition = z.infer<typeof spaceSchema>;

/** The same for each of so many as an argument says; `plus`: and so much once in each directory. */
export const spaceForEachSchema = z.strictObject({
  per: argumentNameSchema,
  ...shares,
  plus: z.number().nonnegative().default(0),
});
export type SpaceForEach = z.infer<typeof spaceForEachSchema>;

/** By the value of `size_argument`, or by the values of the arguments `by`, joined by `/`. */
export const spaceBySizeSchema = z
  .object({ by: z.array(argumentNameSchema).min(1).max(2).optional() })
  .catchall(spaceSchema);

export const spacesSchema = z.union([spaceForEachSchema, spaceBySizeSchema]).default({});
export type Spaces = z.infer<typeof spacesSchema>;

/** Whether room is given for each of something rather than by sizes; of whatever is written. */
export function isForEach<Written extends object>(
  space: Written,
): space is Extract<Written, { per: unknown }> {
  return 'per' in space;
}
