import { existsSync } from 'node:fs';
import type { Logger } from '../util/log.ts';

/** Files by which Docker and Podman mark a container. */
const CONTAINER_MARKS = ['/.dockerenv', '/run/.containerenv'];

/** The last word in the log: plotters outlive the daemon, but not the container around it. */
export function sayFarewell(workers: number, log: Logger): void {
  if (workers === 0) return log.info('stopped');
  if (CONTAINER_MARKS.some((mark) => existsSync(mark)))
    log.warn(`stopped; this container is ending, and with it the plots of ${workers} workers`);
  else log.info(`stopped; ${workers} workers go on, the next start finds them`);
}
