import type { HomeAssistant } from '../homeassistant.ts';

/** Times and numbers as the user wants them. */
export interface Formats {
  /** `10:44`. */
  time(at: number): string;
  /** The same with its day, where that isn't today's: `Fri 10:44`; of what is days away the day alone: `Nov 30`. */
  moment(at: number, now: number): string;
  /** A day and month. */
  day(at: number): string;
  percent(value: number): string;
  number(value: number): string;
  bytes(value: number): string;
  /** Of seconds: `5 h 30 min`, or minutes, or seconds alone. */
  duration(seconds: number): string;
  /** Milliseconds that the zone is ahead of UTC at a moment. */
  offsetAt(at: number): number;
}

const NUMBER_LOCALES: Readonly<Record<string, string>> = {
  comma_decimal: 'en-US',
  decimal_comma: 'de',
  space_comma: 'fr',
  quote_decimal: 'de-CH',
};
const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
const MS_PER_MINUTE = 60_000;
const FAR_MS = 6 * 24 * 60 * MS_PER_MINUTE;

export function formatsOf({ locale, config }: Pick<HomeAssistant, 'locale' | 'config'>): Formats {
  const timeZone = locale.time_zone === 'server' ? config.time_zone : undefined;
  const zone = timeZone === undefined ? {} : { timeZone };
  const clock = { hour: 'numeric', minute: '2-digit', ...zone, ...hourCycle(locale.time_format) } as const;
  const language = locale.time_format === 'system' ? undefined : locale.language;
  const time = new Intl.DateTimeFormat(language, clock);
  const weekday = new Intl.DateTimeFormat(locale.language, { weekday: 'short', ...zone });
  const day = new Intl.DateTimeFormat(locale.language, { day: 'numeric', month: 'short', ...zone });
  const date = new Intl.DateTimeFormat('en-CA', { dateStyle: 'short', ...zone });
  const number = new Intl.NumberFormat(NUMBER_LOCALES[locale.number_format] ?? locale.language, {
    maximumFractionDigits: 1,
    useGrouping: locale.number_format !== 'none',
  });
  return {
    time: (at) => time.format(at),
    moment(at, now) {
      if (date.format(at) === date.format(now)) return time.format(at);
      if (Math.abs(at - now) > FAR_MS) return day.format(at);
      return `${weekday.format(at)} ${time.format(at)}`;
    },
    day: (at) => day.format(at),
    percent: (value) => `${number.format(Math.round(value))} %`,
    number: (value) => number.format(value),
    bytes(value) {
      const power = value < 1 ? 0 : Math.min(Math.floor(Math.log2(value) / 10), UNITS.length - 1);
      const shown = value / 1024 ** power;
      return `${number.format(shown < 100 ? shown : Math.round(shown))} ${UNITS[power]}`;
    },
    duration(seconds) {
      if (seconds < 60) return `${number.format(Math.round(seconds))} s`;
      const minutes = Math.round(seconds / 60);
      const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
      return [hours > 0 ? `${number.format(hours)} h` : null, rest > 0 || hours === 0 ? `${rest} min` : null]
        .filter((part) => part !== null)
        .join(' ');
    },
    offsetAt: offsets(timeZone),
  };
}

function hourCycle(format: string): Intl.DateTimeFormatOptions {
  if (format === '12') return { hourCycle: 'h12' };
  return format === '24' ? { hourCycle: 'h23' } : {};
}

/** A zone's distance from UTC changes at whole hours: it is asked for once for each. */
function offsets(timeZone: string | undefined): (at: number) => number {
  const parts = new Intl.DateTimeFormat('en-US', {
    ...{ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' },
    ...{ hourCycle: 'h23', ...(timeZone !== undefined && { timeZone }) },
  } as const);
  const known = new Map<number, number>();
  return (at) => {
    const hour = Math.floor(at / (60 * MS_PER_MINUTE));
    const offset = known.get(hour) ?? offsetOf(parts, hour * 60 * MS_PER_MINUTE);
    known.set(hour, offset);
    return offset;
  };
}

function offsetOf(format: Intl.DateTimeFormat, at: number): number {
  const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute) - at;
}
