import * as z from 'zod';
import { durationSchema } from '../../contract/names.ts';
import { type Checker, regexProblem } from './plotter-checks.ts';
import type { ArgumentDefinition, LogPattern } from './plotter-parts.ts';

/**
 * What says that a plotter has made its plot: the file that its log names is there (`exists`); the line that names it
 * (`final_file`, for plots that go where nobody here can look); or the one new file in the destination whose whole name
 * fits a regular expression (`produced`).
 */
export const successSchema = z.union([
  z.enum(['exists', 'final_file']),
  z.strictObject({ produced: z.string().min(1) }),
]);
export type Success = z.infer<typeof successSchema>;

/** Exit codes of a plotter that has ended well. */
export const okExitCodesSchema = z.array(z.int().min(0).max(255)).min(1);

/** Signals with which a plotter may be asked to end: more than these would end what writes down its exit code too. */
const STOP_SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGKILL'] as const;

/**
 * How a plotter is stopped now: one signal after the other, the next when `grace` (seconds) is over. A signal that is
 * repeated comes half a second after the one before, since some plotters take one for "after this plot" and two within a
 * second for "now".
 */
export const stopSchema = z.strictObject({
  signals: z.array(z.enum(STOP_SIGNALS)).min(1).default(['SIGTERM', 'SIGKILL']),
  grace: durationSchema.default(10),
});

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
  const destination = Object.values(all).some(({ role }) => role === 'destination');
  if (!destination) return 'no argument has "role: destination": there the new file is looked for';
  return regexProblem(pattern);
}

function signalsProblem(signals: readonly string[]): string | null {
  const first = signals.indexOf('SIGKILL');
  if (first === -1) return "the last signal must be SIGKILL: some plotters don't end by themselves";
  return first === signals.length - 1 ? null : 'nothing comes after SIGKILL, which ends whatever runs';
}
