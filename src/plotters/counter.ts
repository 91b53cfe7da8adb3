import type { LogPattern } from '../config/schema/plotter-parts.ts';

/** A pattern that only counts (`Bucket 17 …`) and moves inside the innermost stage. */
export interface Counter {
  /** What stands behind the number. */
  suffix: string;
  /** The part of the stage that the count is, 0 to 1. */
  from: number;
  to: number;
}

/** `^text(?<done>\d+)text`, where text has no operators. */
const COUNTER = /^\^(?:[^\\^$.*+?()[\]{}|]|\\[tnrfv]|\\\W)+\(\?<done>\\d\+\)((?:[^\\^$.*+?()[\]{}|]|\\\W)*)$/;

/**
 * Recognizes counters: they are by far the most frequent lines, and read by hand they cost a tenth of what the
 * regular expression does. `null` where the pattern is anything more.
 */
export function counterOf(pattern: LogPattern): Counter | null {
  const { enter, leave, inside, set, error, plot_name, plot_id, final_file, goes_on } = pattern;
  const suffix = COUNTER.exec(pattern.match)?.[1]?.replace(/\\(\W)/g, '$1');
  if (
    suffix === undefined ||
    inside === undefined ||
    inside.stage !== undefined ||
    pattern.during !== undefined
  )
    return null;
  const more = [enter, leave, error].some((part) => part !== undefined) || Object.keys(set).length > 0;
  if (more || plot_name || plot_id || final_file || goes_on) return null;
  return { suffix, from: inside.from, to: inside.to };
}

const ZERO = 48;
const NINE = 57;

/** The number at `start` of a line, if `suffix` follows it; else -1. */
export function countAt(line: string, start: number, suffix: string): number {
  let index = start;
  let count = 0;
  let code = line.charCodeAt(index);
  while (code >= ZERO && code <= NINE) {
    count = count * 10 + code - ZERO;
    index += 1;
    code = line.charCodeAt(index);
  }
  if (index === start || (suffix !== '' && code !== suffix.charCodeAt(0))) return -1;
  return suffix.length < 2 || line.startsWith(suffix, index) ? count : -1;
}
