import * as z from 'zod';
import { durationSchema } from '../../contract/names.ts';
import { type Checker, regexProblem } from './plotter-checks.ts';
import type { ArgumentDefinition, LogPattern } from './plotter-parts.ts';

/**
 * What says that a plotter has made its plot: the file that its log names is there (`exists`); the line that names it
 * (`final_file`, for plots that go where nobody here can look); or the one new file in the destination whose whole name
 * fits a regular expression (`produced`).
 */
export const successSchema = z
  .union([
    z.enum(['exists', 'final_file']),
    z.strictObject({
      produced: z.string().min(1).meta({
        description:
          'A regular expression for the whole name of the one new file in the destination that is the plot.',
      }),
    }),
  ])
  .meta({
    description:
      'What says that a plot is made: the file that the log names is there, its line alone where the destination is no directory here, or one new file in the destination.',
  });
export type Success = z.infer<typeof successSchema>;

export const okExitCodesSchema = z
  .array(z.int().min(0).max(255))
  .min(1)
  .meta({ description: 'Exit codes of a plotter that has ended well.' });

/** Signals with which a plotter may be asked to end: more than these would end what writes down its exit code too. */
const STOP_SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGKILL'] as const;

export const stopSchema = z
  .strictObject({
    signals: z.array(z.enum(STOP_SIGNALS)).min(1).default(['SIGTERM', 'SIGKILL']).meta({
      description:
        'One after the other, SIGKILL the last; one that is repeated comes half a second after the one before.',
    }),
    grace: durationSchema.default(10).meta({
      description: "How long after a signal the next one comes; a job's stop_grace wins (default 10s).",
    }),
  })
  .meta({ description: 'How it is stopped now.' });

interface Outcome {
  arguments: Record<string, ArgumentDefinition>;
  patterns: LogPattern[];
  success: Success;
  ok_exit_codes: number[];
  stop: z.infer<typeof stopSchema>;
}

/** What a definition says of a plotter's end can be found out, and whatever runs comes to an end. */
export function checkOutcome(definition: Outcome, check: Checker): void {
  const issue = (path: (string | number)[], message: string | null) => {
    if (message !== null) check.addIssue({ code: 'custom', path, message });
  };
  const { success, stop } = definition;
  if (success === 'final_file') issue(['success'], finalFileProblem(definition));
  if (typeof success === 'object')
    issue(['success', 'produced'], producedProblem(definition, success.produced));
  issue(['stop', 'signals'], signalsProblem(stop.signals));
}

function finalFileProblem({ patterns }: Outcome): string | null {
  return patterns.some(({ final_file }) => final_file)
    ? null
    : 'no pattern has "final_file: true": no line would ever say that a plot is made';
}

function producedProblem({ arguments: all }: Outcome, pattern: string): string | null {
  const destinations = Object.values(all).filter(({ role }) => role === 'destination');
  if (destinations.length === 0)
    return 'no argument has "role: destination": there the new file is looked for';
  if (destinations.some(({ list, remote }) => list || remote !== undefined))
    return 'a new file is looked for in one local directory: the destination may be no "list", nor "remote"';
  return regexProblem(pattern);
}

function signalsProblem(signals: readonly string[]): string | null {
  const first = signals.indexOf('SIGKILL');
  if (first === -1) return "the last signal must be SIGKILL: some plotters don't end by themselves";
  return first === signals.length - 1 ? null : 'nothing comes after SIGKILL, which ends whatever runs';
}
