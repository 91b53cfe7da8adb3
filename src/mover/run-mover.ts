import { writeSync } from 'node:fs';
import { messageOf } from '../util/errors.ts';
import { moveFile } from './move-file.ts';
import type { MoveTask } from './move-task.ts';
import { MoveFailure, type MoverLine, MoveStopped } from './report.ts';

/** Exit codes: the plot is moved; it isn't, and the last line says why; it was stopped. */
export const MOVER_EXIT = { moved: 0, failed: 1, stopped: 3 } as const;

/** The words of a mover, in their order: file, destination, note, then how the file was found, and on which device. */
export function moverWords({ file, to, note, expected }: MoveTask): string[] {
  return [file, to, note, expected.size, expected.ino, expected.mtime_ns, expected.device];
}

/**
 * `plot2mqtt move-file …`, which the daemon starts for each plot that it moves: a process of its own, so that a move
 * outlives it. Resolves with the exit code.
 */
export async function runMover(words: readonly string[]): Promise<number> {
  // A daemon that was started before this release says no device: it isn't known then.
  const [file, to, note, size, ino, mtime_ns, device = '', ...more] = words;
  const isWhole = size !== undefined && ino !== undefined && mtime_ns !== undefined && more.length === 0;
  if (file === undefined || to === undefined || note === undefined || !isWhole) {
    process.stderr.write('"move-file" is what the daemon moves plots with: it is for nobody else\n');
    return 2;
  }
  let stopped = false;
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
    process.on(signal, () => {
      stopped = true;
    });
  const task: MoveTask = { file, to, note, expected: { size, ino, mtime_ns, device } };
  try {
    const moved = await moveFile(task, {
      isStopped: () => stopped,
      copied: (copied) => say({ copied }),
      at: () => {},
    });
    say({ moved });
    return MOVER_EXIT.moved;
  } catch (error) {
    if (error instanceof MoveStopped) {
      say({ stopped: true });
      return MOVER_EXIT.stopped;
    }
    const { side, pinned, gone } =
      error instanceof MoveFailure ? error : { side: 'other' as const, pinned: true, gone: false };
    say({ failed: messageOf(error), side, pinned, gone });
    return MOVER_EXIT.failed;
  }
}

/** At once: what it said before it was killed is known. A disk that takes no line costs the line. */
function say(line: MoverLine): void {
  try {
    writeSync(1, `${JSON.stringify(line)}\n`);
  } catch {
    // The exit code says the rest.
  }
}
