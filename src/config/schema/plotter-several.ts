import * as z from 'zod';
import type { Success } from './plotter-outcome.ts';
import type { LogPattern } from './plotter-parts.ts';

/** A signal that asks a program for something, and kills no shell that stands above it. */
export const FINISH_SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGQUIT'] as const;

/**
 * The plotter makes several plots in one process. `flag` is the word before their number, which it always gets;
 * `finish` the signal on which it ends after the plot that it makes, where it knows one.
 */
export const severalSchema = z.strictObject({
  flag: z.string().min(1),
  finish: z.enum(FINISH_SIGNALS).optional(),
});
export type Several = z.infer<typeof severalSchema>;

interface Checker {
  addIssue(issue: { code: 'custom'; path: (string | number)[]; message: string }): void;
}

/** Several plots are told apart by the line with which each begins. */
export function checkSeveral(
  {
    several,
    success,
    words,
    patterns,
  }: {
    several?: Several | undefined;
    success: Success;
    words: readonly string[];
    patterns: readonly Pick<LogPattern, 'begin'>[];
  },
  check: Checker,
): void {
  if (several === undefined) return;
  if (!patterns.some(({ begin }) => begin))
    check.addIssue({
      code: 'custom',
      path: ['several'],
      message: 'needs a pattern with "begin: true": the line with which each plot begins',
    });
  if (typeof success === 'object')
    check.addIssue({
      code: 'custom',
      path: ['success', 'produced'],
      message: 'does not go with "several": nobody could tell whose plot a new file is',
    });
  if (words.includes(several.flag))
    check.addIssue({
      code: 'custom',
      path: ['words', words.indexOf(several.flag)],
      message: `"${several.flag}" is the flag of several, which gives the number of plots by itself`,
    });
}
