import { createGrowingMask } from '../config/mask.ts';
import { formatProblem } from '../config/problems.ts';
import { readConfig } from '../daemon/settings.ts';
import { startDaemon } from '../daemon.ts';
import { BaseTopicTakenError } from '../mqtt/instances/base-topic-taken.ts';
import { messageOf } from '../util/errors.ts';
import { createLogger } from './logger.ts';

/**
 * `plot2mqtt run`: the daemon in the foreground until SIGINT or SIGTERM; SIGHUP reads the configuration again.
 * @returns the exit code: 0 clean stop, 1 failure, 2 invalid configuration, 3 another daemon has the base topic
 */
export async function runDaemon(file: string): Promise<0 | 1 | 2 | 3> {
  const loaded = await readConfig(file);
  if (!loaded.ok) {
    for (const problem of loaded.problems) process.stderr.write(`${formatProblem(problem)}\n`);
    return 2;
  }
  const secrets = createGrowingMask(loaded.secrets);
  const log = await createLogger(loaded.config.log_level, secrets.mask);
  const stopped = signalled();
  try {
    const daemon = await startDaemon(loaded, log, secrets);
    process.on('SIGHUP', () => {
      void daemon.reload().then((error) => {
        if (error === null) log.info('config.yaml was read again');
        else log.error(`config.yaml changes nothing: ${error.message}`);
      });
    });
    const signal = await stopped;
    log.info(`${signal}: stopping`);
    await daemon.stop();
    return 0;
  } catch (error) {
    log.fatal(messageOf(error));
    return error instanceof BaseTopicTakenError ? 3 : 1;
  }
}

/** Resolves at the first signal to stop; from then on a second one has its usual effect. */
function signalled(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, resolve);
  });
}
