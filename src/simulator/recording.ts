/** A run of a real plotter, as scripts/record-run.mjs writes it. */
export interface Recording {
  plotter: string;
  k: number;
  buckets: number;
  /** How the recorded run moved its plot to the destination; the other way is taken from another run. */
  moves: string;
  /** Seconds from the first line of a plot to its `Total … time`. */
  seconds: number;
  texts: string[];
  /** Numbers of the texts that go to stderr. */
  stderr: number[];
  sections: Record<Section, string>;
}

/** `banner` and `header` come once at the start, `plot` and a move per plot, `footer` once at the end. */
export type Section = 'banner' | 'header' | 'plot' | 'rename' | 'copy' | 'footer';

/** A line of the recording, or the stage that begins after the line before it. */
export type Step =
  | { kind: 'line'; pauseMs: number; text: string; stream: 'stdout' | 'stderr'; bucket?: number }
  | { kind: 'stage'; stage: string };

type Load = () => Promise<{ default: Recording }>;

/** The recorded runs of each plotter. */
const RUNS: Record<string, Record<string, Load>> = {
  chia: {
    'chia-k25': () => import('./runs/chia-k25.json', { with: { type: 'json' } }),
    'chia-k32': () => import('./runs/chia-k32.json', { with: { type: 'json' } }),
  },
  madmax: {
    'madmax-k18': () => import('./runs/madmax-k18.json', { with: { type: 'json' } }),
    'madmax-k24': () => import('./runs/madmax-k24.json', { with: { type: 'json' } }),
    'madmax-k32': () => import('./runs/madmax-k32.json', { with: { type: 'json' } }),
  },
  'bladebit-ram': {
    'bladebit-ram-k32': () => import('./runs/bladebit-ram-k32.json', { with: { type: 'json' } }),
  },
  'bladebit-disk': {
    'bladebit-disk-k32': () => import('./runs/bladebit-disk-k32.json', { with: { type: 'json' } }),
  },
  'bladebit-cuda': {
    'bladebit-cuda-k32': () => import('./runs/bladebit-cuda-k32.json', { with: { type: 'json' } }),
  },
  gigahorse: {
    'gigahorse-k22': () => import('./runs/gigahorse-k22.json', { with: { type: 'json' } }),
  },
  'gigahorse-cuda': {
    'gigahorse-cuda-k32': () => import('./runs/gigahorse-cuda-k32.json', { with: { type: 'json' } }),
  },
  pos2: { 'pos2-k24': () => import('./runs/pos2-k24.json', { with: { type: 'json' } }) },
  'chia-v2': { 'chia-v2-k22': () => import('./runs/chia-v2-k22.json', { with: { type: 'json' } }) },
};

/** The plotters of which there are recorded runs. */
export const SIMULATED: readonly string[] = Object.keys(RUNS);

/** The names of the recorded runs of a plotter. */
export function runNames(plotter: string): string[] {
  return Object.keys(RUNS[plotter] ?? {});
}

/** Loads a recorded run; undefined for a name that isn't one of `runNames`. */
export async function loadRun(name: string): Promise<Recording | undefined> {
  const load = Object.values(RUNS).find((runs) => Object.hasOwn(runs, name))?.[name];
  return (await load?.())?.default;
}

/** What a real plotter says when it refuses; empty for a key that isn't in the recording. */
export async function failureLines(key: string): Promise<string[]> {
  const { default: failures } = await import('./runs/failures.json', { with: { type: 'json' } });
  const known: Record<string, string[]> = failures;
  return known[key] ?? [];
}

/** The steps of a section, in order, decoded one at a time. */
export function* steps(run: Recording, section: Section): Generator<Step> {
  const errors = new Set(run.stderr);
  for (const row of run.sections[section].split('\n')) {
    if (row === '') continue;
    if (row.startsWith('@')) {
      yield { kind: 'stage', stage: row.slice(1) };
      continue;
    }
    const [pauseMs = 0, number = 0, bucket] = row.split(' ').map(Number);
    const stream = errors.has(number) ? 'stderr' : 'stdout';
    const line = { kind: 'line', pauseMs, text: run.texts[number] ?? '', stream } as const;
    yield bucket === undefined ? line : { ...line, bucket };
  }
}

/**
 * The buckets that take the place of a recorded one where the plotter was given another number of buckets: none, one,
 * or several, so that all of 0…wanted-1 come once, in order, over the same time.
 */
export function bucketsFor(bucket: number, recorded: number, wanted: number): number[] {
  const from = Math.ceil((bucket * wanted) / recorded);
  const to = Math.ceil(((bucket + 1) * wanted) / recorded);
  return Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index);
}
