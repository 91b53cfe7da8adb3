import { execa } from 'execa';
import type { Logger } from '../util/log.ts';

/** What systemd tells a service about itself; it is the daemon's business, not that of the commands it runs. */
const VARIABLES = ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID'] as const;

/** While the start waits, systemd is asked so often for so much more time. */
const EXTEND_EACH_MS = 30_000;
const EXTEND_USEC = 120_000_000;

/** What the daemon tells systemd (sd_notify(3)); without systemd all of it does nothing. */
export interface ServiceManager {
  /** The start waits for this, however long it takes: TimeoutStartSec= doesn't end it. Null: it goes on. */
  waiting(text: string | null): void;
  /** Live workers are found again; the watchdog is fed from here on, by the event loop itself. */
  ready(): void;
  stopping(): Promise<void>;
}

/** Takes systemd's variables out of the environment, so that no command inherits them. */
export function takeServiceManager(env: NodeJS.ProcessEnv, log: Logger): ServiceManager {
  const [socket, usec] = VARIABLES.map((name) => env[name]);
  for (const name of VARIABLES) delete env[name];
  if (!socket) return { waiting: () => undefined, ready: () => undefined, stopping: async () => undefined };
  const tell = (...words: string[]) => notify(socket, words, log);
  let watchdog: NodeJS.Timeout | null = null;
  let extending: NodeJS.Timeout | null = null;
  return {
    waiting: (text) => {
      if (extending) clearInterval(extending);
      extending = null;
      const status = `STATUS=${text ?? ''}`;
      if (text === null) return void tell(status);
      const extend = () => void tell(status, `EXTEND_TIMEOUT_USEC=${EXTEND_USEC}`);
      extend();
      extending = setInterval(extend, EXTEND_EACH_MS);
    },
    ready: () => {
      void tell('--ready');
      const half = Number(usec) / 2000;
      if (half > 0) watchdog = setInterval(() => void tell('WATCHDOG=1'), half);
    },
    stopping: async () => {
      if (watchdog) clearInterval(watchdog);
      if (extending) clearInterval(extending);
      // The option `--stopping` is younger than systemd 252.
      await tell('STOPPING=1');
    },
  };
}

/**
 * Node.js has no datagram sockets of the Unix kind: systemd's own client speaks for us, which a unit allows by
 * NotifyAccess=all.
 */
async function notify(socket: string, words: string[], log: Logger): Promise<void> {
  const said = await execa('systemd-notify', [`--pid=${process.pid}`, ...words], {
    env: { NOTIFY_SOCKET: socket },
    reject: false,
    // Its clean-up listens to the daemon's own signals, and would end it.
    cleanup: false,
  });
  if (said.failed) log.warn(`systemd isn't told ${words.join(' ')}: ${said.shortMessage}`);
}
