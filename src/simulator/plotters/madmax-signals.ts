import type { Session } from '../session.ts';

const STARS = '*'.repeat(88);
const BANNER = [
  '',
  STARS,
  '**  The crafting of plots will stop after the creation and copy of the current plot.  **',
  '**         !! If you want to force quit now, press Ctrl-C twice in series !!          **',
  STARS,
];
const TWICE_WITHIN_MS = 1000;
/** exit(-4) */
const FORCED = 252;

/**
 * chia_plot takes SIGINT and SIGTERM for "stop after this plot" where it makes any number of plots but one; two of
 * them within a second end it at once. With one plot it dies of them, as of any signal.
 */
export function watchSignals(
  session: Session,
  count: number,
): { stopping: () => boolean; forget: () => void } {
  let stopping = false;
  let last = Number.NEGATIVE_INFINITY;
  const interrupt = () => {
    const now = performance.now();
    if (now - last <= TWICE_WITHIN_MS) {
      session.write('stdout', '');
      session.write('stdout', 'Double Ctrl-C pressed, exiting now!');
      session.io.exit(FORCED);
    }
    last = now;
    if (!stopping) for (const line of BANNER) session.write('stdout', line);
    stopping = true;
  };
  const signals = count === 1 || count === 0 ? [] : (['SIGINT', 'SIGTERM'] as const);
  for (const signal of signals) process.on(signal, interrupt);
  return {
    stopping: () => stopping,
    forget: () => {
      for (const signal of signals) process.off(signal, interrupt);
    },
  };
}
