const BUCKETS = ['000', '001', '002', '003'];
const range = (from: number, to: number) =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);

/**
 * The temporary files that chiapos has in a stage: a few of those that were seen (it makes as many sort buckets as -u
 * says), all in the first temporary directory. The plot itself grows beside them as `.2.tmp`, in the second.
 */
export function chiaTemps(stage: string, base: string): string[] {
  const [phase = 0, step = 0] = stage.split('.').map(Number);
  const tables = (...numbers: number[]) => numbers.map((table) => `${base}.table${table}.tmp`);
  const sorts = (...names: string[]) =>
    names.flatMap((name) => BUCKETS.map((bucket) => `${base}.${name}.sort_bucket_${bucket}.tmp`));
  switch (phase) {
    case 1: {
      const sorting = range(step, Math.min(7, step + 1)).map((table) => `p1.t${table}`);
      return [`${base}.sort.tmp`, ...tables(...range(1, 7)), ...sorts(...sorting)];
    }
    case 2: {
      const table = 8 - step;
      return [
        ...tables(...range(1, Math.min(6, table)), 7),
        ...sorts(...range(table, 6).map((t) => `p2.t${t}`)),
      ];
    }
    case 3: {
      const left = range(step + 1, 6).map((table) => `p2.t${table}`);
      return [...tables(7), ...sorts(...left, `p3.t${step + 1}`, `p3s.t${step + 1}`)];
    }
    case 4:
      return sorts('p3s.t7');
    default:
      return [];
  }
}
