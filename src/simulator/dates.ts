/** Dates as plotters write them, all in local time. */
const two = (value: number) => String(value).padStart(2, '0');
const day = (at: Date, separator: string) =>
  [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())].join(separator);
const time = (at: Date) => [at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(':');

/** `2026-11-23-01-37`, in a plot's name. */
export function plotDate(at: Date): string {
  return `${day(at, '-')}-${two(at.getHours())}-${two(at.getMinutes())}`;
}

/** The values of the placeholders for the present moment, by name. */
export const moments: Record<string, (at: Date) => string> = {
  /** ctime(3): `Mon Nov 23 01:37:49 2026`, the day padded with a space. */
  ctime: (at) => {
    const [weekday, month] = at.toDateString().split(' ');
    return `${weekday} ${month} ${String(at.getDate()).padStart(2)} ${time(at)} ${at.getFullYear()}`;
  },
  /** `2026-11-23T01:37:49.956`, before chia's own lines. */
  iso: (at) => `${day(at, '-')}T${time(at)}.${String(at.getMilliseconds()).padStart(3, '0')}`,
  /** `2026/11/22 21:30:34`, MadMax. */
  date: (at) => `${day(at, '/')} ${time(at)}`,
};
