import type { PlotterDefinition } from '../../config/schema/plotter.ts';
import type { Surrounds } from '../../host/pid-namespace.ts';
import type { Exited } from '../inputs.ts';
import type { RunState } from '../model/run-state.ts';
import type { WorkerState } from '../model/worker-state.ts';
import { endedWell } from './ended-well.ts';

/** Characters of a process's last line that go into an error. */
const MAX_LINE = 500;

/** How a process ended, in words, with the last line that it wrote. */
export function howItEnded(what: string, input: Exited): string {
  const { exit } = input;
  // What the log says last has nothing to do with it then.
  if (exit.ended_with !== undefined) return `${what} is gone: ${WHY_GONE[exit.ended_with]}`;
  const how = exit.lost ? `${what} is gone: it was killed` : `${what} ended with exit code ${exit.code}`;
  const last = input.tail.findLast((line) => line.trim() !== '');
  return last === undefined ? how : `${how}: ${last.trim().slice(0, MAX_LINE)}`;
}

const WHY_GONE = {
  host: 'the host was restarted',
  container: 'its container has ended',
} as const satisfies Record<Surrounds, string>;

/** Why a plotter that has ended made no plot: what its log said went wrong, else how it ended. */
export function whyNoPlot(
  { stopped_for }: Pick<RunState, 'stopped_for'>,
  worker: Pick<WorkerState, 'error' | 'fatal'>,
  definition: Pick<PlotterDefinition, 'ok_exit_codes'>,
  input: Exited,
): string {
  if (stopped_for !== null) return stopped_for;
  if (worker.fatal !== null) return `${worker.fatal} (${howBriefly(input)})`;
  if (endedWell(definition, input.exit))
    return `the plotter ended well but ${input.plot?.problem ?? 'its log names no plot'}`;
  if (worker.error === null || input.exit.ended_with) return howItEnded('the plotter', input);
  return `${worker.error} (${howBriefly(input)})`;
}

function howBriefly({ exit }: Exited): string {
  return exit.lost ? 'the plotter is gone' : `exit code ${exit.code}`;
}
