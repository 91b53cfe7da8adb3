/** How often something was measured, and what came out in the middle and near the end. */
export interface Spread {
  count: number;
  p50: number;
  p99: number;
}

/** A row of the table: something measured against a floor that was taken in the same run. */
export interface Figure {
  name: string;
  unit: string;
  /** What the floor is. */
  against: string;
  floor: Spread;
  measured: Spread;
  ratio: { p50: number; p99: number };
  /** What the ratio may be at most, and where; `null`: it is only shown. */
  goal: { most: number; at: readonly ('p50' | 'p99')[] } | null;
  met: boolean | null;
  /** What else is to be known of it. */
  notes: string[];
}

/** The sample below which `share` of all lie (nearest rank). */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

export function spreadOf(samples: readonly number[]): Spread {
  return { count: samples.length, p50: quantile(samples, 0.5), p99: quantile(samples, 0.99) };
}

export interface Samples {
  name: string;
  unit: string;
  against: string;
  floor: readonly number[];
  measured: readonly number[];
  goal: Figure['goal'];
  notes?: string[];
}

/** Makes a row of what was measured. */
export function figureOf({ floor, measured, notes = [], ...about }: Samples): Figure {
  const below = spreadOf(floor);
  const ours = spreadOf(measured);
  const ratio = { p50: ours.p50 / below.p50, p99: ours.p99 / below.p99 };
  const { goal } = about;
  const met = goal === null ? null : goal.at.every((place) => ratio[place] <= goal.most);
  return { ...about, floor: below, measured: ours, ratio, met, notes };
}

/** Goals of their own, since there is no floor: what is measured must stay below them; `null`: no goal. */
export function againstGoal(
  about: Pick<Figure, 'name' | 'unit' | 'against' | 'notes'>,
  samples: number[],
  below: { p50: number; p99: number | null },
): Figure {
  const measured = spreadOf(samples);
  const floor = { count: 0, p50: below.p50, p99: below.p99 ?? Number.NaN };
  const ratio = { p50: measured.p50 / floor.p50, p99: measured.p99 / floor.p99 };
  const at: ('p50' | 'p99')[] = below.p99 === null ? ['p50'] : ['p50', 'p99'];
  const met = at.every((place) => ratio[place] <= 1);
  return { ...about, floor, measured, ratio, goal: { most: 1, at }, met };
}

function short(value: number): string {
  if (!Number.isFinite(value)) return '–';
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

/** The rows as a table in Markdown. */
export function table(figures: readonly Figure[]): string {
  const rows = figures.map(({ name, unit, floor, measured, ratio, goal, met, notes }) => {
    const spread = ({ p50, p99 }: Spread) => `${short(p50)} / ${short(p99)} ${unit}`;
    const wanted = goal === null ? '' : `≤ ${goal.most}× at ${goal.at.join(' and ')}`;
    const verdict = met === null ? '' : met ? 'met' : '**missed**';
    const said = notes.length === 0 ? name : `${name} (${notes.join('; ')})`;
    return `| ${said} | ${spread(floor)} | ${spread(measured)} | ${short(ratio.p50)}× / ${short(ratio.p99)}× | ${wanted} | ${verdict} |`;
  });
  return [
    '| figure | floor: median / 99th | measured: median / 99th | ratio | goal | |',
    '|---|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}
