import type { LogPattern } from '../config/schema/plotter.ts';
import type { Literals } from './literals.ts';
import { type Memory, mapped } from './memory.ts';
import type { Signal } from './signal.ts';

/** `^text(?<done>\d+)text`, where text has no operators. */
const COUNTER = /^\^(?:[^\\^$.*+?()[\]{}|]|\\[tnrfv]|\\\W)+\(\?<done>\\d\+\)((?:[^\\^$.*+?()[\]{}|]|\\\W)*)$/;
const NONE: readonly Signal[] = Object.freeze([]);
const [ZERO, NINE] = [48, 57];

/**
 * Reads patterns that only count (`Bucket 17 …`) and move inside the innermost stage: they are by far the most
 * frequent lines, and this costs a tenth of the regular expression. `null` where the pattern is none of these.
 */
export function compileCounter(pattern: LogPattern, { prefix }: Literals, stages: ReadonlySet<string>) {
  const { inside } = pattern;
  const suffix = COUNTER.exec(pattern.match)?.[1]?.replace(/\\(\W)/g, '$1');
  if (suffix === undefined || prefix === '' || inside === undefined || inside.stage !== undefined)
    return null;
  if (!onlyMoves(pattern)) return null;
  return (line: string, innermost: string | null, memory: Memory): readonly Signal[] | null => {
    let index = prefix.length;
    let done = 0;
    for (let code = line.charCodeAt(index); code >= ZERO && code <= NINE; code = line.charCodeAt(++index))
      done = done * 10 + code - ZERO;
    if (index === prefix.length || !line.startsWith(suffix, index)) return null;
    const fraction = mapped(inside, done / memory.of);
    if (fraction === null || innermost === null || !stages.has(innermost)) return NONE;
    return [{ type: 'inside', stage: innermost, fraction }];
  };
}

function onlyMoves({ enter, leave, set, error, plot_name, plot_id, final_file }: LogPattern): boolean {
  const tells =
    enter !== undefined || leave !== undefined || error !== undefined || Object.keys(set).length > 0;
  return !(tells || plot_name || plot_id || final_file);
}
