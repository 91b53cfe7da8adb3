import * as z from 'zod';
import { DURATION_PATTERN, secondsOf } from './durations.ts';
import { bytesOf, SIZE_PATTERN } from './sizes.ts';

/** Ids of jobs and plotters, and named events (contract, section 2). */
export const ID_PATTERN = /^[a-z0-9]+([_-][a-z0-9]+)*$/;
export const ID_MAX_LENGTH = 48;

export const idSchema = z
  .string()
  .max(ID_MAX_LENGTH, `at most ${ID_MAX_LENGTH} characters`)
  .regex(ID_PATTERN, 'lower-case letters and digits, in groups joined by one "_" or "-"')
  .meta({ description: 'Lower-case letters and digits, in groups joined by one "_" or "-".' });

/** A duration as a user writes it: `30s`, `5m`, `2h`, `1d`, or a number of seconds. Parses to seconds. */
export const durationSchema = z
  .union([
    z.number().nonnegative(),
    z.string().regex(DURATION_PATTERN, 'a duration such as 30s, 5m, 2h or 1d'),
  ])
  .transform((value) => (typeof value === 'number' ? value : (secondsOf(value) ?? 0)))
  .meta({ description: 'A duration: 30s, 5m, 2h, 1d, or a number of seconds.' });

/** A size as a user writes it: bytes, or `500MB`, `20GiB`. Parses to bytes. */
export const sizeSchema = z
  .union([z.number().int().nonnegative(), z.string().regex(SIZE_PATTERN, 'a size such as 500MB or 20GiB')])
  .transform((value) => (typeof value === 'number' ? value : (bytesOf(value) ?? 0)))
  .meta({ description: 'A size: bytes, 500MB, 20GiB.' });

/** The value of one plotter argument. */
export const argumentValueSchema = z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]);
export type ArgumentValue = z.infer<typeof argumentValueSchema>;

/** Argument name → value, as a job, a plotter or `defaults` sets them. */
export const argumentsSchema = z.record(z.string(), argumentValueSchema);
export type ArgumentValues = z.infer<typeof argumentsSchema>;
