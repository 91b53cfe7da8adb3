import * as z from 'zod';
import type { StatusAnswer } from '../../control/protocol.ts';
import { printable } from '../../util/colours.ts';
import type { Colour } from '../terminal/colour.ts';
import { type Cell, inColumns } from '../terminal/columns.ts';
import { inLines, sentence } from '../terminal/fit.ts';
import { localTime } from '../terminal/local-time.ts';
import { bar, hasBars, type Look, painted, percent, widthFor } from '../terminal/look.ts';
import { settingLines } from './setting-lines.ts';

const text = z.string().catch('');
const textIfAny = z.string().nullable().catch(null);
const count = z.number().catch(0);
const figureIfAny = z.number().nullable().catch(null);

const jobSchema = z.looseObject({
  ...{ id: text, title: text, state: text, blocked_reason: text },
  ...{ workers: count, max_workers: count, plots_done: count, plots_to_do: count, pending: count },
  ...{
    progress: figureIfAny,
    eta: textIfAny,
    waiting_for: text,
    waiting_text: text,
    next_start_at: textIfAny,
  },
});
const workerSchema = z.looseObject({
  ...{ job: text, slot: count, status: text, stage: textIfAny, stage_title: textIfAny },
  ...{ progress: figureIfAny, eta: textIfAny, error: textIfAny },
});
type Job = z.infer<typeof jobSchema>;
type Worker = z.infer<typeof workerSchema>;

const STATE_COLOURS: Readonly<Record<string, Colour>> = {
  running: 'green',
  blocked: 'red',
  paused: 'yellow',
  disabled: 'grey',
};
const STATUS_COLOURS: Readonly<Record<string, Colour>> = { failed: 'red', paused: 'yellow' };

/** Each job with what it waits for and its workers. */
export function jobLines(
  { jobs, workers, unlike_file }: Pick<StatusAnswer, 'jobs' | 'workers' | 'unlike_file'>,
  look: Look,
): string[] {
  if (jobs.length === 0) return ['there is no job'];
  const all = workers.map((worker) => workerSchema.parse(worker));
  // One table for all, so that their columns stand below each other.
  const table = workerTable(all, look);
  return jobs.flatMap((each) => {
    const job = jobSchema.parse(each);
    const own = all.flatMap((worker, index) =>
      worker.job === job.id ? [`  ${table[index]}`, ...errorLines(worker, look)] : [],
    );
    const unlike = settingLines(unlike_file, job.id).flatMap((line) => sentence(line, widthFor(look)));
    return [...linesOf(job, look), ...unlike, ...own];
  });
}

/** A job with its limits, and what its next worker waits for. */
function linesOf(job: Job, look: Look): string[] {
  const { id, title, state, blocked_reason, workers, max_workers, plots_done, plots_to_do, eta } = job;
  const name = title === id || title === '' ? id : `${id} (${printable(title)})`;
  const reason = state === 'blocked' ? ` (${blocked_reason})` : '';
  const parts = [
    `${name}: ${painted(state, STATE_COLOURS, look)}${reason}`,
    max_workers === 0 ? `${workers} workers, no limit` : `${workers} of ${max_workers} workers`,
    plots_to_do === 0
      ? `${plots_done} ${plots_done === 1 ? 'plot' : 'plots'} done`
      : `${plots_done} of ${plots_to_do} plots done`,
    ...(job.progress === null ? [] : [percent(job.progress)]),
    ...(eta === null ? [] : [`all by ${localTime(eta)}`]),
  ];
  const width = widthFor(look);
  return [...inLines(parts, ', ', width), ...sentence(`  waits for ${waitsFor(job)}`, width)];
}

function waitsFor({ waiting_for, waiting_text, next_start_at, pending }: Job): string {
  const at = next_start_at === null ? '' : ` (at ${localTime(next_start_at)})`;
  const starts = pending === 0 ? '' : pending === 1 ? '; 1 start waits' : `; ${pending} starts wait`;
  return `${waiting_for}: ${printable(waiting_text)}${at}${starts}`;
}

/** Where there is little room an error has lines of its own, and takes no column from all. */
function errorLines({ error }: Worker, look: Look): string[] {
  if (error === null || look.width === undefined) return [];
  return sentence(`    ${printable(error)}`, look.width).map((line) => look.paint(line, 'red'));
}

function workerTable(workers: readonly Worker[], look: Look): string[] {
  const rows = workers.map((worker): Cell[] => [
    { text: `slot ${worker.slot}` },
    { text: worker.status, paint: (word) => painted(word, STATUS_COLOURS, look) },
    {
      text: [worker.stage, worker.stage_title]
        .filter((each) => each !== null)
        .map(printable)
        .join(' '),
    },
    ...(hasBars(look) ? [{ text: bar(worker.progress, look) }] : []),
    { text: worker.progress === null ? '' : percent(worker.progress) },
    { text: worker.eta === null ? '' : `done ${localTime(worker.eta)}` },
    ...(look.width === undefined ? [{ text: printable(worker.error ?? '') }] : []),
  ]);
  const columns = [
    ...[{ heading: '' }, { heading: '' }, { heading: '', least: 5 }],
    ...(hasBars(look) ? [{ heading: '' }] : []),
    ...[{ heading: '', right: true }, { heading: '' }],
    ...(look.width === undefined ? [{ heading: '' }] : []),
  ];
  return inColumns(columns, rows, widthFor(look) - 2).slice(1);
}
