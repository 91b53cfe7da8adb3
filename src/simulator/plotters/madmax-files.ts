const BUCKETS = [0, 1, 2, 3];
const range = (from: number, to: number) =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);
const sorted = (prefix: string) => BUCKETS.map((bucket) => `${prefix}.sort_bucket_${bucket}.tmp`);

/**
 * The temporary files that chia_plot has in a stage: a few of those that were seen (it makes as many sort buckets as
 * -u says). Tables lie in the first temporary directory, sort buckets in the second.
 */
export function madmaxTemps(stage: string, base: string, tmp: string, tmp2: string): string[] {
  const [phase = 0, step = 0] = stage.split('.').map(Number);
  const tables = (from: number, to: number) =>
    range(from, to).map((table) => `${tmp}${base}.p1.table${table}.tmp`);
  const sorts = (...names: string[]) => names.flatMap(sorted).map((name) => `${tmp2}${base}.${name}`);
  switch (phase) {
    case 1:
      return [
        ...tables(1, step),
        ...sorts(...range(Math.max(1, step - 1), step).map((table) => `p1.t${table}`)),
      ];
    case 2: {
      const table = 8 - step;
      return [
        ...tables(1, table),
        `${tmp}${base}.p2.table7.tmp`,
        ...sorts(...range(table, 6).map((each) => `p2.t${each}`)),
      ];
    }
    case 3: {
      const table = step + 1;
      const left = range(table + 1, 6).map((each) => `p2.t${each}`);
      return [`${tmp}${base}.p2.table7.tmp`, ...sorts(...left, `p3s1.t${table}`, `p3s2.t${table}`)];
    }
    case 4:
      return sorts('p3s2.t7');
    default:
      return [];
  }
}
