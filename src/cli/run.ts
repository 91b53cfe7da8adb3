import { createGrowingMask } from '../config/mask.ts';
import { formatProblem } from '../config/problems.ts';
import { readConfig } from '../daemon/configuration/settings.ts';
import { type Daemon, type StartOptions, startDaemon } from '../daemon/daemon.ts';
import { BaseTopicTakenError } from '../mqtt/instances/base-topic-taken.ts';
import { messageOf } from '../util/errors.ts';
import type { Logger } from '../util/log.ts';
import { createLogger } from './logging/logger.ts';

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
  const log = await createLogger(loaded.config.log_level, secrets);
  for (const warning of loaded.warnings) log.warn(formatProblem(warning));
  const stopped = signalled();
  const stopping = new AbortController();
  void stopped.then((signal) => stopping.abort(signal));
  const reload = createReload(log);
  process.on('SIGHUP', reload.ask);
  try {
    const daemon = await start({ loaded, log, secrets, signal: stopping.signal, onLost: endAtOnce(log) });
    if (daemon !== null) {
      reload.from(daemon);
      log.info(`${await stopped}: stopping`);
      await daemon.stop();
    }
    return 0;
  } catch (error) {
    log.fatal(messageOf(error));
    return error instanceof BaseTopicTakenError ? 3 : 1;
  }
}

/** Null where it was told to stop while it waited. */
async function start(options: StartOptions): Promise<Daemon | null> {
  try {
    return await startDaemon(options);
  } catch (error) {
    if (!options.signal.aborted) throw error;
    options.log.info(`${options.signal.reason}: stopped before the start was through`);
    return null;
  }
}

/** Another daemon has `data_dir`: nothing more is written, not even what a clean stop writes. */
function endAtOnce(log: Logger): StartOptions['onLost'] {
  return (error) => {
    log.fatal(error.message);
    process.exit(1);
  };
}

/** SIGHUP: asked before the daemon is up, the file is read again when it is. */
function createReload(log: Logger): { ask(): void; from(daemon: Daemon): void } {
  let running: Daemon | null = null;
  let asked = false;
  const ask = () => {
    asked = running === null;
    void running?.reload().then((error) => {
      if (error === null) log.info('config.yaml was read again');
      else log.error(`config.yaml changes nothing: ${error.message}`);
    });
  };
  return {
    ask,
    from(daemon) {
      running = daemon;
      if (asked) ask();
    },
  };
}

/** Resolves at the first signal to stop; from then on a second one has its usual effect. */
function signalled(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, resolve);
  });
}
