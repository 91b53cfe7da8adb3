import * as z from 'zod';
import type { StatusAnswer } from '../../control/protocol.ts';
import { sized } from '../../util/bytes.ts';
import { printable } from '../../util/colours.ts';
import { localTime } from '../terminal/local-time.ts';

const text = z.string().catch('');
const count = z.number().catch(0);
const textIfAny = z.string().nullable().catch(null);
const figureIfAny = z.number().nullable().catch(null);

const moveSchema = z.looseObject({
  ...{ id: text, title: text, state: text, waiting_for: text, waiting_text: text },
  ...{ queue: count, queue_bytes: count, moved: count, bytes_per_s: figureIfAny, last_error: textIfAny },
  active: z.array(z.looseObject({ plot: text, to: text, progress: count, eta: textIfAny })).catch([]),
});

/** What moves do, for people: each with what waits, and the plots that are on their way. */
export function moveLines(moves: StatusAnswer['moves']): string[] {
  return moves.flatMap((each) => {
    const { id, title, state, queue, queue_bytes, moved, bytes_per_s, last_error, active, ...rest } =
      moveSchema.parse(each);
    const name = title === id || title === '' ? id : `${id} (${printable(title)})`;
    const parts = [
      state,
      `${active.length} on the way${bytes_per_s === null ? '' : ` at ${sized(bytes_per_s)}/s`}`,
      queue === 0 ? 'none waits' : `${queue} ${queue === 1 ? 'waits' : 'wait'} (${sized(queue_bytes)})`,
      `${moved} moved`,
    ];
    const waits =
      rest.waiting_for === 'none' ? [] : [`  waits for ${rest.waiting_for}: ${printable(rest.waiting_text)}`];
    const error = last_error === null ? [] : [`  last error: ${printable(last_error)}`];
    const ways = active.map(
      ({ plot, to, progress, eta }) =>
        `  ${progress.toFixed(1)} %  ${printable(plot.slice(plot.lastIndexOf('/') + 1))} → ${printable(to)}${eta === null ? '' : `  done ${localTime(eta)}`}`,
    );
    return [`move ${name}: ${parts.join(', ')}`, ...waits, ...error, ...ways];
  });
}
