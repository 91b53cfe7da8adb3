import * as z from 'zod';
import type { StatusAnswer } from '../control/protocol.ts';
import { isObject } from '../util/objects.ts';
import { sized } from '../util/bytes.ts';
import { printable } from '../util/colours.ts';
import type { Colour, Paint } from './colour.ts';
import { type Cell, inColumns } from './columns.ts';
import { localTime } from './local-time.ts';
import { moveLines } from './status-moves.ts';

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
const diskSchema = z.looseObject({
  ...{ role: text, path: text, free_bytes: figureIfAny, total_bytes: figureIfAny },
  state: text,
});
type Job = z.infer<typeof jobSchema>;
type Worker = z.infer<typeof workerSchema>;
type Disk = z.infer<typeof diskSchema>;

/** How things are shown: with colours, and with bars, which only a terminal gets. */
export interface Look {
  paint: Paint;
  bars: boolean;
}

/** What runs, for people: each job with what it waits for and its workers, then moves and disks. */
export function statusLines({ jobs, workers, moves, host }: StatusAnswer, look: Look): string[] {
  const all = workers.map((worker) => workerSchema.parse(worker));
  const table = workerTable(all, look);
  const ofJobs = jobs.flatMap((each) => {
    const job = jobSchema.parse(each);
    const own = table.filter((_, index) => all[index]?.job === job.id);
    return [...jobLines(job, look), ...own.map((line) => `  ${line}`)];
  });
  const disks = diskTable(disksOf(host), look);
  const ofMoves = moveLines(moves);
  const parts = [ofJobs.length > 0 ? ofJobs : ['there is no job'], ofMoves, disks];
  return parts
    .filter(({ length }) => length > 0)
    .flatMap((part, index) => (index === 0 ? part : ['', ...part]));
}

const STATE_COLOURS: Readonly<Record<string, Colour>> = {
  running: 'green',
  blocked: 'red',
  paused: 'yellow',
  disabled: 'grey',
};
const STATUS_COLOURS: Readonly<Record<string, Colour>> = { failed: 'red', paused: 'yellow' };

function painted(word: string, colours: Readonly<Record<string, Colour>>, { paint }: Look): string {
  const colour = colours[word];
  return colour === undefined ? word : paint(word, colour);
}

/** A job with its limits, and what its next worker waits for. */
function jobLines(job: Job, look: Look): string[] {
  const { id, title, state, blocked_reason, workers, max_workers, plots_done, plots_to_do, eta } = job;
  const name = title === id || title === '' ? id : `${id} (${printable(title)})`;
  const reason = state === 'blocked' ? ` (${blocked_reason})` : '';
  const parts = [
    `${painted(state, STATE_COLOURS, look)}${reason}`,
    max_workers === 0 ? `${workers} workers, no limit` : `${workers} of ${max_workers} workers`,
    plots_to_do === 0
      ? `${plots_done} ${plots_done === 1 ? 'plot' : 'plots'} done`
      : `${plots_done} of ${plots_to_do} plots done`,
    ...(job.progress === null ? [] : [percent(job.progress)]),
    ...(eta === null ? [] : [`all by ${localTime(eta)}`]),
  ];
  return [`${name}: ${parts.join(', ')}`, `  waits for ${waitsFor(job)}`];
}

function waitsFor({ waiting_for, waiting_text, next_start_at, pending }: Job): string {
  const at = next_start_at === null ? '' : ` (at ${localTime(next_start_at)})`;
  const starts = pending === 0 ? '' : pending === 1 ? '; 1 start waits' : `; ${pending} starts wait`;
  return `${waiting_for}: ${printable(waiting_text)}${at}${starts}`;
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
    ...(look.bars ? [{ text: bar(worker.progress) }] : []),
    { text: worker.progress === null ? '' : percent(worker.progress) },
    { text: worker.eta === null ? '' : `done ${localTime(worker.eta)}` },
    { text: worker.error === null ? '' : printable(worker.error) },
  ]);
  const right = look.bars ? 4 : 3;
  const columns = (rows[0] ?? []).map((_, index) => ({ heading: '', right: index === right }));
  return inColumns(columns, rows).slice(1);
}

function disksOf(host: StatusAnswer['host']): Disk[] {
  const disks = host?.disks;
  return Array.isArray(disks) ? disks.filter(isObject).map((disk) => diskSchema.parse(disk)) : [];
}

function diskTable(disks: readonly Disk[], look: Look): string[] {
  const rows = disks.map(({ role, path, free_bytes, total_bytes, state }): Cell[] => {
    const used =
      free_bytes === null || !total_bytes ? null : (100 * (total_bytes - free_bytes)) / total_bytes;
    return [
      { text: role },
      { text: printable(path) },
      ...(look.bars ? [{ text: bar(used) }] : []),
      { text: used === null ? unknown(state) : `${Math.round(used)} % used` },
      {
        text:
          free_bytes === null || total_bytes === null
            ? ''
            : `${sized(free_bytes)} free of ${sized(total_bytes)}`,
      },
    ];
  });
  const right = look.bars ? 3 : 2;
  const columns = (rows[0] ?? []).map((_, index) => ({ heading: '', right: index === right }));
  return inColumns(columns, rows).slice(1);
}

/** Why nothing is known of a disk's room. */
function unknown(state: string): string {
  return state === '' || state === 'ok' ? 'not known' : state.replaceAll('_', ' ');
}

const BAR_WIDTH = 20;

/** A share in percent as a bar; empty where it isn't known. */
function bar(share: number | null): string {
  if (share === null) return '';
  const full = Math.round((Math.min(100, Math.max(0, share)) / 100) * BAR_WIDTH);
  return `${'█'.repeat(full)}${'░'.repeat(BAR_WIDTH - full)}`;
}

function percent(share: number): string {
  return `${share.toFixed(1)} %`;
}
