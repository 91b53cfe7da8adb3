import { matchesWildcard } from '../util/wildcard.ts';

/** How names of plots end, whatever made them. */
const PLOT_ENDING = /\.(?:plot2?|[a-z]{1,8}plot)$/;
/** As a shell reads `*.plot`: hidden files, such as what a copying program is writing, are none. */
const PLOT_NAME = new RegExp(`^[^./\\0][^/\\0]*(${PLOT_ENDING.source.slice(0, -1)})$`);

/** `plot-k32-2021-07-14-21-56-<id>.plot`, `plot-k32-c07-2021-…`, `plot-mmx-k32-2021-…`: local time. */
const DATES = /(?<=-)(\d{4})-(\d{2})-(\d{2})-(\d{2})-(\d{2})(?=-)/g;
/** Before any plotter was there: a clock that was never set, or no date at all. */
const FIRST_YEAR = 2019;

/** What of a rule of replotting is about a plot's name. */
export interface NameRule {
  /** Patterns, of which one must match; `*.plot` where it isn't given. */
  match?: readonly string[] | undefined;
  k?: readonly number[] | undefined;
  compression?: readonly number[] | undefined;
}

/**
 * Whether a plot's file may have this name: no directory in it, and `*.plot`, or of the new format `*.plot2`, of a group
 * `*.gplot`, and whatever else ends in `plot`, or in one of these suffixes.
 */
export function isPlotName(name: string, suffixes: readonly string[] = []): boolean {
  return suffixIn(name, suffixes) !== null;
}

/** What of a suffix makes a name that ends in it one of a plot, whatever made it: `.plot` of `.new.plot`; `null`: nothing. */
export function plotEnding(suffix: string): string | null {
  return PLOT_ENDING.exec(suffix)?.[0] ?? null;
}

/** Whether a file that isn't hidden, and whose name is more than that, ends in one of these suffixes. */
export function hasSuffix(name: string, suffixes: Iterable<string>): boolean {
  if (name.startsWith('.')) return false;
  for (const suffix of suffixes)
    if (suffix !== '' && name.length > suffix.length && name.endsWith(suffix)) return true;
  return false;
}

/** Any name of a file in a directory that is not hidden. */
const FILE_NAME = /^[^./\0][^/\0]*$/;

function suffixIn(name: string, suffixes: readonly string[]): string | null {
  const known = PLOT_NAME.exec(name)?.[1];
  if (known !== undefined) return known;
  const own = suffixes.find(
    (suffix) => suffix !== '' && name.length > suffix.length && name.endsWith(suffix),
  );
  return own !== undefined && FILE_NAME.test(name) ? own : null;
}

const ANY_PLOT = ['*.plot'];

/** Whether a rule means plots of this name; `suffixes`: how files of plots end beside those that are known. */
export function isMeantBy(
  { match = ANY_PLOT, k, compression }: NameRule,
  name: string,
  suffixes: readonly string[] = [],
): boolean {
  const suffix = suffixIn(name, suffixes);
  if (suffix === null || !match.some((pattern) => isLike(pattern, name, suffix))) return false;
  if (k !== undefined && !isIn(k, sizeInName(name))) return false;
  return compression === undefined || isIn(compression, compressionInName(name));
}

/** Another format than that of `*.plot` is meant only where it is named. */
function isLike(pattern: string, name: string, suffix: string): boolean {
  return (suffix === '.plot' || pattern.endsWith(suffix)) && matchesWildcard(pattern, name);
}

/** Which format a plot is of, by its name: the original one, that of MMX, the new one, or a group of the new one. */
export type PlotFormat = 'plot' | 'mmx' | 'plot2' | 'gplot';

/** What a plot's name says of it. */
export interface PlotKind {
  /** `null`: none that is known. */
  format: PlotFormat | null;
  k: number | null;
  compression: number | null;
}

/** Reads `plot-k32-c07-…`, `plot-mmx-k32-…`, `….plot2`, `….gplot`; `null`: it is no plot's name. */
export function plotKind(name: string): PlotKind | null {
  const suffix = PLOT_NAME.exec(name)?.[1];
  if (suffix === undefined) return null;
  const isMmx = wordsOf(name)[1] === 'mmx';
  const format = suffix === '.plot' && isMmx ? 'mmx' : (FORMATS[suffix] ?? null);
  return { format, k: sizeInName(name), compression: compressionInName(name) };
}

const FORMATS: Readonly<Record<string, PlotFormat>> = {
  '.plot': 'plot',
  '.plot2': 'plot2',
  '.gplot': 'gplot',
};

function isIn(wanted: readonly number[], found: number | null): boolean {
  return found !== null && wanted.includes(found);
}

/** The date in a plot's name, in local time as the plotters write it, of several the latest; null where it has none. */
export function plotNameDate(name: string): Date | null {
  if (!name.startsWith('plot-')) return null;
  let latest: Date | null = null;
  for (const [, ...digits] of name.matchAll(DATES)) {
    const date = dateOf(digits.map(Number));
    if (date !== null && (latest === null || date > latest)) latest = date;
  }
  return latest;
}

function dateOf([year = 0, month = 0, day = 0, hour = 0, minute = 0]: number[]): Date | null {
  const date = new Date(year, month - 1, day, hour, minute);
  // A 31st of February or a 25th hour would roll over: then these digits are no date.
  const same = date.getMonth() === month - 1 && date.getDate() === day;
  return year >= FIRST_YEAR && same && hour < 24 && minute < 60 ? date : null;
}

/** The k in a plot's name; null where it has none, or more than one: nobody knows then which is true. */
export function sizeInName(name: string): number | null {
  const words = wordsOf(name);
  const found = words.filter((word) => /^k\d+$/i.test(word));
  const [word = ''] = found;
  return words[0] === 'plot' && found.length === 1 && /^k\d{2}$/.test(word) ? Number(word.slice(1)) : null;
}

/**
 * The level of compression in a plot's name: 0 where it says none, null where what it says can't be told: two levels,
 * or one that isn't where plotters write it, behind the k.
 */
export function compressionInName(name: string): number | null {
  const words = wordsOf(name);
  const places = [...words.keys()].filter((index) => /^c\d+$/i.test(words[index] ?? ''));
  const [place] = places;
  if (place === undefined) return 0;
  const written = /^c\d{1,2}$/.test(words[place] ?? '') && /^k\d{2}$/.test(words[place - 1] ?? '');
  return places.length === 1 && written ? Number(words[place]?.slice(1)) : null;
}

function wordsOf(name: string): string[] {
  return name.slice(0, name.lastIndexOf('.')).split('-');
}
