import type { TransferEnd } from '../../engine/moving/facts.ts';
import { type MoverLine, parseMoverLine } from '../../mover/report.ts';
import { MOVER_EXIT } from '../../mover/run-mover.ts';
import type { Exit } from '../../process/exit.ts';
import { type Follower, follow } from '../../process/follow.ts';

/** Follows what a mover says. */
export class MoverReader {
  /** How it says that it has ended; `null`: it hasn't. */
  last: Exclude<MoverLine, { copied: number }> | null = null;
  readonly #follower: Follower;

  constructor(log: string, onCopied: (bytes: number) => void) {
    this.#follower = follow(log, {
      onLines: (lines) => {
        let copied: number | null = null;
        for (const text of lines) {
          const line = parseMoverLine(text);
          if (line === null) continue;
          if ('copied' in line) copied = line.copied;
          else this.last = line;
        }
        if (copied !== null) onCopied(copied);
      },
    });
  }

  /** It has ended: reads its last words. Rejects where they can't be read now. */
  async finish(): Promise<void> {
    await this.#follower.drain({ final: true });
    this.#follower.close();
  }

  close(): void {
    this.#follower.close();
  }
}

/** How a transfer has ended, by the exit of its process and what that said last. */
export function endOf({ code, endedWith }: Exit, last: MoverReader['last']): TransferEnd {
  if (last === null) {
    // A full disk may have cost it its last words.
    if (code === MOVER_EXIT.moved) return { kind: 'moved', how: 'copied' };
    if (code === MOVER_EXIT.stopped) return { kind: 'stopped' };
    return { kind: 'lost', with_host: endedWith !== undefined };
  }
  if ('moved' in last) return { kind: 'moved', how: last.moved };
  if ('stopped' in last) return { kind: 'stopped' };
  const { side, pinned, gone = false, failed: error } = last;
  return { kind: 'failed', side, pinned, gone, error };
}
