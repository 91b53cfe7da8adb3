/**
 * Keys of runs and workers that the log alone moves, without being written (`Transaction.moveWorker`, `moveRun`): what is
 * written may be behind in them.
 */
export const MOVED_BY_THE_LOG: ReadonlySet<string> = new Set([
  ...['log_offset', 'fraction', 'moved_at', 'floor', 'leaf_at', 'phase_at', 'silent_from', 'silences'],
  ...['percent', 'told_percent', 'told_at'],
]);

/** A value as text in which the order of an object's keys says nothing: a state that was read has them in another. */
export function canonical(value: unknown, replace = (_key: string, each: unknown) => each): string {
  return JSON.stringify(value, (key, each: unknown) => {
    const replaced = replace(key, each);
    if (typeof replaced !== 'object' || replaced === null || Array.isArray(replaced)) return replaced;
    return Object.fromEntries(Object.entries(replaced).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
