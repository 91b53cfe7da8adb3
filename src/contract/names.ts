import * as z from 'zod';

/** Ids of jobs and plotters, and named events (contract, section 2). */
export const ID_PATTERN = /^[a-z0-9]+([_-][a-z0-9]+)*$/;
export const ID_MAX_LENGTH = 48;

export const idSchema = z
  .string()
  .max(ID_MAX_LENGTH, `at most ${ID_MAX_LENGTH} characters`)
  .regex(ID_PATTERN, 'lower-case letters and digits, in groups joined by one "_" or "-"')
  .meta({ description: 'Lower-case letters and digits, in groups joined by one "_" or "-".' });

const SECONDS_PER_UNIT = { s: 1, m: 60, h: 3600, d: 86_400 } as const;
const DURATION_PATTERN = /^(\d+(?:\.\d+)?)([smhd])$/;

function isUnit(text: string | undefined): text is keyof typeof SECONDS_PER_UNIT {
  return text !== undefined && text in SECONDS_PER_UNIT;
}

/** A duration as a user writes it: `30s`, `5m`, `2h`, `1d`, or a number of seconds. Parses to seconds. */
export const durationSchema = z
  .union([
    z.number().nonnegative(),
    z.string().regex(DURATION_PATTERN, 'a duration such as 30s, 5m, 2h or 1d'),
  ])
  .transform((value) => {
    if (typeof value === 'number') return value;
    const [, amount, unit] = DURATION_PATTERN.exec(value) ?? [];
    return Number(amount) * (isUnit(unit) ? SECONDS_PER_UNIT[unit] : 1);
  })
  .meta({ description: 'A duration: 30s, 5m, 2h, 1d, or a number of seconds.' });

/** A duration in seconds as a user would write it: `90s`, `5m`. */
export function durationText(seconds: number): string {
  const [unit, length] = Object.entries(SECONDS_PER_UNIT).findLast(
    ([, each]) => seconds >= each && seconds % each === 0,
  ) ?? ['s', 1];
  return `${seconds / length}${unit}`;
}

/** The value of one plotter argument. */
export const argumentValueSchema = z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]);
export type ArgumentValue = z.infer<typeof argumentValueSchema>;

/** Argument name → value, as a job, a plotter or `defaults` sets them. */
export const argumentsSchema = z.record(z.string(), argumentValueSchema);
export type ArgumentValues = z.infer<typeof argumentsSchema>;
