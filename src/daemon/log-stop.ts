import { containerEndsWith, liveProcesses } from '../host/container.ts';
import type { Logger } from '../util/log.ts';

/** What the program is called where a container starts it. */
const PROGRAM = 'plot2mqtt';

/** The last word in the log: plotters outlive the daemon, but not a container that ends with it. */
export function logStop(workers: number, log: Logger): void {
  if (workers === 0) return log.info('stopped');
  const plots = workers === 1 ? 'the plot of 1 worker' : `the plots of ${workers} workers`;
  if (containerEndsWith(process.pid, PROGRAM, liveProcesses))
    log.warn(`stopped; this container is ending, and with it ${plots}`);
  else
    log.info(
      `stopped; ${plots} ${workers === 1 ? 'is left running, the next start looks for it' : 'are left running, the next start looks for them'}`,
    );
}
