import type { RunState } from '../../engine/model/run-state.ts';
import { type OnTrouble, untilKnown } from '../../util/until-known.ts';

/** For whom something is waited for that can't be read now, and who is told. */
export interface ReadWait {
  run: Pick<RunState, 'dismissed'>;
  onTrouble: OnTrouble;
}

/** A disk has so long to say what became of the plot of a run that is dismissed. */
const DISMISSED_WAITS_MS = 10_000;

/**
 * What a look finds once it finds something (see `untilKnown`). For a run that was dismissed nobody waits long:
 * then it is what `otherwise` makes of the error.
 */
export function untilReadable<Value>(
  { run, onTrouble }: ReadWait,
  look: () => Promise<Value>,
  otherwise: (error: unknown) => Value,
): Promise<Value> {
  const began = performance.now();
  const lookOnce = async () => {
    try {
      return await look();
    } catch (error) {
      if (run.dismissed && performance.now() - began >= DISMISSED_WAITS_MS) return otherwise(error);
      throw error;
    }
  };
  return untilKnown(lookOnce, onTrouble);
}
