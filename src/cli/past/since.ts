import { secondsOf } from '../../contract/durations.ts';

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const TIME = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?$/;

/**
 * A time as `--since` has it, in ISO 8601 and UTC: a day or a time, of this host's zone where it names none, or a
 * duration before `now` (milliseconds since 1970), such as `24h`. `null` where it is no time.
 */
export function sinceOf(text: string, now: number): string | null {
  const back = secondsOf(text);
  if (back !== null) return isoOf(now - back * 1000);
  if (DAY.test(text)) return isoOf(Date.parse(`${text}T00:00`));
  return TIME.test(text) ? isoOf(Date.parse(text.replace(' ', 'T'))) : null;
}

function isoOf(at: number): string | null {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}
