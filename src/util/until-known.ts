import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from './errors.ts';

const FIRST_WAIT_MS = 20;
const LONGEST_WAIT_MS = 2_000;
/** Trouble of a moment is nobody's concern. */
const TELL_AFTER_MS = 3_000;

/** Gets, once, what keeps something from being known for more than a moment. */
export type OnTrouble = (message: string) => void;

/**
 * What `look` finds, however often it must be asked: its error (too many open files, a disk that fails) says that
 * nothing is known now, not that nothing is there. What would be judged in the meantime waits.
 */
export async function untilKnown<Value>(
  look: () => Value | Promise<Value>,
  onTrouble: OnTrouble = () => {},
): Promise<Value> {
  const began = performance.now();
  let told = false;
  for (let wait = FIRST_WAIT_MS; ; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
    try {
      return await look();
    } catch (error) {
      if (!told && performance.now() - began >= TELL_AFTER_MS) {
        told = true;
        onTrouble(messageOf(error));
      }
    }
    await sleep(wait, undefined, { ref: false });
  }
}
