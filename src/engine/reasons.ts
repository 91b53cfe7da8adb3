import type { Exited } from './inputs.ts';
import type { WorkerState } from './state.ts';

/** Characters of a process's last line that go into an error. */
const MAX_LINE = 500;

/** How a process ended, in words, with the last line that it wrote. */
export function howItEnded(what: string, input: Exited): string {
  const how = input.exit.lost
    ? `${what} is gone: killed, or the host was restarted`
    : `${what} ended with exit code ${input.exit.code}`;
  const last = input.tail.findLast((line) => line.trim() !== '');
  return last === undefined ? how : `${how}: ${last.trim().slice(0, MAX_LINE)}`;
}

/** Why a plotter that has ended made no plot: what its log said went wrong, else how it ended. */
export function whyNoPlot(worker: WorkerState, input: Exited): string {
  if (input.exit.code === 0)
    return input.plot === null
      ? 'the plotter ended well but its log names no plot'
      : `the plotter ended well but its plot isn't there: ${input.plot.file}`;
  if (worker.error === null) return howItEnded('the plotter', input);
  return `${worker.error} (${input.exit.lost ? 'the plotter is gone' : `exit code ${input.exit.code}`})`;
}
