import { readSync, writeSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { messageOf } from '../util/errors.ts';
import { MoveFailure, MoveStopped } from './report.ts';

/** What cp takes: calls cost little beside the bytes, and these stay in the processor's cache from one call to the next. */
const BUFFER_BYTES = 128 * 1024;
/** So often it is looked whether it is to stop, and progress is told. Milliseconds. */
const TURN_MS = 50;
const TELL_MS = 1_000;

export interface CopyWatch {
  /** Whether it is to stop. */
  isStopped(): boolean;
  /** So many bytes are written. */
  copied(bytes: number): void;
}

/**
 * Copies a file to its end, from and to open files, both from their beginning. It is a process that does nothing else:
 * calls that wait for their disk cost less than such that wake a thread. Resolves with how many bytes there were.
 *
 * @throws {MoveFailure} that names which side has failed
 * @throws {MoveStopped}
 */
export async function copyBytes(from: number, to: number, watch: CopyWatch): Promise<number> {
  const buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  let [done, turned, told] = [0, performance.now(), performance.now()];
  for (;;) {
    const bytes = reading(() => readSync(from, buffer, 0, BUFFER_BYTES, null));
    if (bytes === 0) return done;
    for (let at = 0; at < bytes; ) at += writing(() => writeSome(to, buffer, at, bytes - at));
    done += bytes;
    const now = performance.now();
    if (now - turned < TURN_MS) continue;
    // Signals come between two turns of the event loop.
    await nextTurn();
    turned = now;
    if (watch.isStopped()) throw new MoveStopped();
    if (now - told < TELL_MS) continue;
    watch.copied(done);
    told = now;
  }
}

function writeSome(to: number, buffer: Buffer, at: number, length: number): number {
  const bytes = writeSync(to, buffer, at, length, null);
  if (bytes === 0) throw new Error('the disk takes nothing more');
  return bytes;
}

/** What fails in it is the source's fault. */
export function reading<Value>(read: () => Value): Value {
  return blaming('source', "the plot can't be read", read);
}

/** What fails in it is the destination's fault. */
export function writing<Value>(write: () => Value): Value {
  return blaming('destination', "the destination can't be written", write);
}

function blaming<Value>(side: 'source' | 'destination', what: string, work: () => Value): Value {
  try {
    return work();
  } catch (error) {
    if (error instanceof MoveFailure || error instanceof MoveStopped) throw error;
    throw new MoveFailure(side, `${what}: ${messageOf(error)}`);
  }
}
