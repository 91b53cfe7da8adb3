// Bought with wrapper-stock.ts for one figure, and goes with it: see there.
import { quoteForShell } from './snippet.ts';
import { COMMAND, IDENTITY, type WrappedCommand, wordsOf } from './wrapper.ts';

/**
 * A wrapper that is started ahead: it gets ready, then waits for a line on its file descriptor 3, which it gets when
 * its order lies in the file whose path is its word. Whoever started it has the other end: with that program's end it
 * ends too.
 */
const READY = `${IDENTITY}
p2m_order=$1
umask 077
mkfifo "$p2m_order.alive" 2>/dev/null && exec 9<>"$p2m_order.alive"
printf '\\n' >&3
IFS= read -r p2m_read <&3 || exit 0
. "$p2m_order"`;

/** What to execute for a wrapper that waits; its order will be in this file, its FIFO beside it. */
export function readyCommand(order: string): { file: string; words: string[] } {
  return { file: '/bin/sh', words: ['-c', READY, 'plot2mqtt', order] };
}

/**
 * The order for a wrapper that waits. It can't be given CPUs or niceness any more. The wrapper closes its file
 * descriptor 3 when it is reading the order, which may be removed then. The directory may be another of the same name
 * by now than the one that it was started in.
 */
export function orderFor(
  command: WrappedCommand,
  cwd: string,
  env: Readonly<Record<string, string>>,
): string {
  const exports = Object.entries(env).map(([name, value]) => `export ${name}=${quoteForShell(value)}`);
  return [
    'exec 3>&-',
    `cd -- ${quoteForShell(cwd)} || exit 1`,
    ...exports,
    `set -- ${wordsOf(command).map(quoteForShell).join(' ')}`,
    COMMAND,
    '',
  ].join('\n');
}
