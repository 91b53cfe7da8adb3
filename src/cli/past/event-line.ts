import { printable } from '../../util/colours.ts';
import type { Colour, Paint } from '../terminal/colour.ts';
import { localTime } from '../terminal/local-time.ts';

type Event = Readonly<Record<string, unknown>>;

/** What stands before the rest of the line, or needn't be said. */
const NOT_SAID: ReadonlySet<string> = new Set([
  ...['id', 'seq', 'at', 'type', 'event_type', 'job', 'slot', 'worker'],
  // All that the plotter was started with: a page.
  'arguments',
]);

const COLOURS: Readonly<Record<string, Colour>> = {
  ...{ worker_end: 'green', job_end: 'green', move_finished: 'green' },
  ...{ worker_failed: 'red', job_blocked: 'red', move_failed: 'red' },
  ...{ worker_waiting: 'yellow', worker_stalled: 'yellow', worker_dismissed: 'yellow', hold_set: 'yellow' },
  ...{ progress: 'grey', stage_started: 'grey', stage_finished: 'grey' },
};

/** An event in a line: when, of what, which, and what it says. */
export function eventLine(event: Event, paint: Paint): string {
  const type = textOf(event.type);
  const colour = COLOURS[type];
  const says = Object.entries(event).flatMap(([key, value]) =>
    NOT_SAID.has(key) || value === null || value === undefined ? [] : [`${key} ${textOf(value)}`],
  );
  return [
    paint(localTime(textOf(event.at), { seconds: true }), 'grey'),
    subjectOf(event),
    colour === undefined ? type : paint(type, colour),
    ...(says.length === 0 ? [] : [says.join(', ')]),
  ].join('  ');
}

/** The worker's slot of a job, the job, a move, or the farm. */
function subjectOf({ job, slot, move }: Event): string {
  const of = textOf(job ?? move ?? 'farm');
  return typeof slot === 'number' ? `${of}/${slot}` : of;
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return printable(value);
  return typeof value === 'object' ? printable(JSON.stringify(value)) : String(value);
}
