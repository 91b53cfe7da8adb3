import { containerEndsWith, liveProcesses } from '../host/container.ts';
import type { Logger } from '../util/log.ts';

/** What the program is called where a container starts it. */
const PROGRAM = 'plot2mqtt';

/** The last word in the log: plotters and moves outlive the daemon, but not a container that ends with it. */
export function logStop({ workers, moves }: { workers: number; moves: number }, log: Logger): void {
  const count = workers + moves;
  if (count === 0) return log.info('stopped');
  const plots = [
    ...(workers === 0 ? [] : [workers === 1 ? 'the plot of 1 worker' : `the plots of ${workers} workers`]),
    ...(moves === 0 ? [] : [moves === 1 ? '1 move' : `${moves} moves`]),
  ].join(' and ');
  if (containerEndsWith(process.pid, PROGRAM, liveProcesses))
    log.warn(`stopped; this container is ending, and with it ${plots}`);
  else
    log.info(
      `stopped; ${plots} ${count === 1 ? 'is left running, the next start looks for it' : 'are left running, the next start looks for them'}`,
    );
}
