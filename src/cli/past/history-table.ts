import { basename } from 'node:path';
import * as z from 'zod';
import { plotKind } from '../../host/plot-names.ts';
import { sized } from '../../util/bytes.ts';
import { printable } from '../../util/colours.ts';
import type { Colour, Paint } from '../terminal/colour.ts';
import { type Cell, type Column, inColumns } from '../terminal/columns.ts';
import { localTime } from '../terminal/local-time.ts';

/** What of a line is shown; a line that somebody has edited shows what is left of it. */
const shownSchema = z.looseObject({
  job: z.string().catch(''),
  slot: z.int().nullable().catch(null),
  result: z.string().catch(''),
  plot: z.string().nullable().catch(null),
  size: z.number().nullable().catch(null),
  ended_at: z.string().catch(''),
  duration_s: z.number().nullable().catch(null),
  phases: z.record(z.string(), z.number()).catch({}),
  error: z.string().nullable().catch(null),
});
export type ShownLine = z.infer<typeof shownSchema>;

export function shownLine(line: Record<string, unknown>): ShownLine {
  return shownSchema.parse(line);
}

const COLOURS: Readonly<Record<string, Colour>> = { done: 'green', failed: 'red', dismissed: 'yellow' };

/** A line for each worker, with the seconds of each phase; none for none. */
export function historyTable(lines: readonly ShownLine[], paint: Paint): string[] {
  if (lines.length === 0) return [];
  const phases = phasesOf(lines);
  const columns: Column[] = [
    ...[{ heading: 'ended' }, { heading: 'job' }, { heading: 'slot', right: true }, { heading: 'result' }],
    { heading: 'seconds', right: true },
    ...phases.map((phase) => ({ heading: `phase ${phase}`, right: true })),
    { heading: 'kind' },
    { heading: 'plot' },
  ];
  return inColumns(
    columns,
    lines.map((line) => rowOf(line, phases, paint)),
  );
}

function rowOf(line: ShownLine, phases: readonly string[], paint: Paint): Cell[] {
  const colour = COLOURS[line.result];
  return [
    ...[{ text: localTime(line.ended_at) }, { text: printable(line.job) }, { text: `${line.slot ?? ''}` }],
    {
      text: printable(line.result),
      ...(colour === undefined ? {} : { paint: (text: string) => paint(text, colour) }),
    },
    { text: wholeSeconds(line.duration_s) },
    ...phases.map((phase) => ({ text: wholeSeconds(line.phases[phase] ?? null) })),
    { text: kindOf(line.plot) },
    {
      text: [plotName(line.plot), line.error]
        .filter((each) => each !== null)
        .map(printable)
        .join('; '),
    },
  ];
}

/** All phases that one of them went through, in their order. */
function phasesOf(lines: readonly ShownLine[]): string[] {
  const all = new Set(lines.flatMap(({ phases }) => Object.keys(phases)));
  return [...all].sort((one, other) => Number(one) - Number(other));
}

function plotName(plot: string | null): string | null {
  return plot === null ? null : basename(plot);
}

/** What the plot's name says of it: `k32 C7`, `mmx k32`, `k28 plot2`. */
function kindOf(plot: string | null): string {
  const kind = plot === null ? null : plotKind(basename(plot));
  if (kind === null) return '';
  const { format, k, compression } = kind;
  return [
    format === 'mmx' ? 'mmx' : '',
    k === null ? '' : `k${k}`,
    compression === null || compression === 0 ? '' : `C${compression}`,
    format === 'plot2' || format === 'gplot' ? format : '',
  ]
    .filter((word) => word !== '')
    .join(' ');
}

function wholeSeconds(seconds: number | null): string {
  return seconds === null ? '' : `${Math.round(seconds)}`;
}

/** How many there were, of how many, and what their plots took. */
export function historySum(lines: readonly ShownLine[], total: number): string {
  if (lines.length === 0) return 'no worker has ended';
  const results = [...countsOf(lines)].map(([result, count]) => `${count} ${printable(result)}`).join(', ');
  const of = total > lines.length ? ` of ${total}` : '';
  const workers = `${lines.length}${of} ${total === 1 ? 'worker' : 'workers'}: ${results}`;
  const plots = lines.filter(({ plot }) => plot !== null);
  if (plots.length === 0) return workers;
  const bytes = plots.reduce((sum, { size }) => sum + (size ?? 0), 0);
  const room = bytes === 0 ? '' : plots.length === 1 ? ` of ${sized(bytes)}` : `, ${sized(bytes)} in all,`;
  return `${workers}; ${plots.length === 1 ? 'the plot' : `${plots.length} plots`}${room} took ${average(plots)}`;
}

function countsOf(lines: readonly ShownLine[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { result } of lines) counts.set(result, (counts.get(result) ?? 0) + 1);
  return counts;
}

/** What a plot took on average, and each of its phases. */
function average(plots: readonly ShownLine[]): string {
  const whole = mean(plots.map(({ duration_s }) => duration_s));
  const phases = phasesOf(plots).map(
    (phase) => `phase ${phase} ${wholeSeconds(mean(plots.map((plot) => plot.phases[phase] ?? null)))} s`,
  );
  const each = plots.length === 1 ? '' : ' each';
  return [`${wholeSeconds(whole)} s${each}`, ...phases].join(', ');
}

function mean(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}
