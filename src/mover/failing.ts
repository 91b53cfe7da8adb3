import { messageOf } from '../util/errors.ts';
import { MoveFailure } from './report.ts';

/** Work on the note in `data_dir`. */
export function noting<Value>(work: () => Value, about: { pinned?: boolean } = {}): Value {
  try {
    return work();
  } catch (error) {
    throw new MoveFailure('other', `what is moved can't be noted in data_dir: ${messageOf(error)}`, about);
  }
}

/** What fails in it leaves a plot that may be in its place already. */
export function pinned<Value>(side: 'source' | 'destination', work: () => Value): Value {
  try {
    return work();
  } catch (error) {
    const what = side === 'source' ? "the plot can't be removed where it was" : "it can't be flushed";
    throw new MoveFailure(side, `${what}: ${messageOf(error)}`, { pinned: true });
  }
}
