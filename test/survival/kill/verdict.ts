import { PASSING_EVENTS } from '../../../src/contract/rows/events.ts';
import type { Farm } from './farm.ts';
import { OLD, OLD_PER_PLOT } from './farm.ts';
import type { Ledger, Told } from './ledger.ts';

/** What of a list is left when each value of another list has taken one away. */
function without(values: string[], others: string[]): string[] {
  const taken = new Map<string, number>();
  for (const other of others) taken.set(other, (taken.get(other) ?? 0) + 1);
  return values.filter((value) => {
    const count = taken.get(value) ?? 0;
    taken.set(value, count - 1);
    return count <= 0;
  });
}

const twice = (values: string[]) => values.filter((value, index) => values.indexOf(value) !== index);

function bySubject(events: Told[]): Map<string, Told[]> {
  const grouped = new Map<string, Told[]>();
  for (const event of events) {
    if (event.worker === null) continue;
    grouped.set(event.worker, [...(grouped.get(event.worker) ?? []), event]);
  }
  return grouped;
}

/** Types that a worker's life has once at most. */
const ONCE = new Set([
  'worker_started',
  'pre_process_started',
  'pre_process_finished',
  'replot_removed',
  'plotter_started',
  'plotter_finished',
  'post_process_started',
  'post_process_finished',
  'worker_failed',
  'worker_end',
  'worker_dismissed',
]);
/** This one once for each old plot that goes for its new one. */
const REMOVAL = 'replot_removed';
/** In which order they come. */
const ORDER = [...ONCE];

/** What is wrong in one worker's story. */
function faultsOf(worker: string, story: Told[]): string[] {
  const faults: string[] = [];
  const seen = story.map((event) => event.type).filter((type) => ONCE.has(type));
  const removals = seen.filter((type) => type === REMOVAL).length;
  if (removals > OLD_PER_PLOT) faults.push(`${worker}: ${removals} times ${REMOVAL}`);
  for (const type of twice(seen.filter((each) => each !== REMOVAL))) faults.push(`${worker}: ${type} twice`);
  const places = seen.map((type) => ORDER.indexOf(type));
  if (places.some((place, index) => place < (places[index - 1] ?? 0)))
    faults.push(`${worker}: out of order: ${seen.join(', ')}`);
  const last = story.filter((event) => event.type !== 'event_fired').at(-1)?.type;
  if (last !== 'worker_end' && last !== 'worker_dismissed') faults.push(`${worker}: ends with ${last}`);
  const stages = story.filter((event) => event.type === 'stage_started').map((event) => event.stage ?? '');
  for (const stage of twice(stages)) faults.push(`${worker}: stage ${stage} started twice`);
  const percents = story.filter((event) => event.type === 'progress').map((event) => event.percent ?? 0);
  if (percents.some((percent, index) => percent <= (percents[index - 1] ?? 0)))
    faults.push(`${worker}: progress ${percents.join(', ')}`);
  return faults;
}

/** Everything that isn't as it must be once all is quiet; empty where all is well. */
export function verdict(farm: Farm, ledger: Ledger): string[] {
  const faults = [...ledger.faults];
  const { events } = ledger;
  const of = (type: string) => events.filter((event) => event.type === type);
  const must = (what: string, found: unknown, wanted: unknown) => {
    if (JSON.stringify(found) !== JSON.stringify(wanted))
      faults.push(`${what}: ${JSON.stringify(found)}, not ${JSON.stringify(wanted)}`);
  };
  const mustBeSame = (what: string, found: string[], wanted: string[]) => {
    const [more, less] = [without(found, wanted), without(wanted, found)];
    if (more.length + less.length > 0) faults.push(`${what}: too many: ${more}; too few: ${less}`);
  };
  for (const [worker, story] of bySubject(events)) faults.push(...faultsOf(worker, story));

  const kept = events.filter(({ type }) => !PASSING_EVENTS.has(type)).map(({ id }) => id);
  mustBeSame('events.jsonl', farm.keptEvents(), kept);
  must('the order of events.jsonl', farm.keptEvents().join() === kept.join(), true);

  const done = [...of('worker_end'), ...of('worker_dismissed')];
  const plots = done.flatMap((event) => (event.plot ? [event.plot.split('/').at(-1) ?? ''] : []));
  const history = farm.history();
  const stats: { plots_done: number } = JSON.parse(ledger.retained.get('plot2mqtt/bridge/stats') ?? '{}');
  mustBeSame('plots on disk, as events tell', farm.plots(), plots);
  must('plots counted', stats.plots_done, plots.length);
  must('lines of history with a plot', history.filter((line) => line.plot !== null).length, plots.length);
  const ended = done.map((event) => `${event.worker} ${event.result ?? 'dismissed'}`);
  mustBeSame(
    'history',
    history.map((line) => `${line.worker} ${line.result}`),
    ended,
  );
  must('counts of jobs', countsOfJobs(ledger), countsOf(done));

  const worker = (event: Told) => `${event.worker}`;
  const withPost = new Set(['source', 'sink', 'series']);
  const posted = of('worker_end').filter(({ job, plot }) => plot && withPost.has(job ?? ''));
  mustBeSame('post-commands', farm.ran('post'), posted.map(worker));
  must('post-commands run twice by the doomed', twice(farm.ran('post-doomed')), []);
  const prepared = of('plotter_started').filter((event) => event.job === 'sink');
  mustBeSame('pre-commands', farm.ran('pre'), prepared.map(worker));
  const series = of('worker_started').filter((event) => event.job === 'series');
  mustBeSame('pre-commands of runs', farm.ran('pre-series'), [...new Set(series.map(({ run }) => `${run}`))]);
  mustBeSame(
    'runs of several plots that failed',
    of('worker_failed')
      .filter(({ job }) => job === 'series')
      .map(worker),
    [],
  );
  must(
    'old plots removed',
    OLD - farm.oldPlots().length,
    new Set(of('replot_removed').map((event) => event.file)).size,
  );
  must('old plots removed twice', twice(of('replot_removed').map((event) => String(event.file))), []);
  must('left over', farm.leftovers(), []);

  // Nobody names its plots: each must be its own, and none may be lost.
  const silent = history.filter(({ job }) => job === 'silent');
  const isOwn = ({ worker: id, plot }: (typeof silent)[number]) => plot?.endsWith(`-${id}.plot`) === true;
  must(
    'plots of the silent that are none, or another worker’s',
    silent.filter((line) => !isOwn(line)),
    [],
  );

  const fired = (name: string) => of('event_fired').filter((event) => event.name === name);
  const ofJob = (type: string, job: string) => of(type).filter((event) => event.job === job);
  mustBeSame('late fired', fired('late').map(worker), ofJob('worker_end', 'source').map(worker));
  must(
    'started by half and late',
    ofJob('worker_started', 'sink').length,
    fired('half').length + fired('late').length,
  );
  must('started by replace', ofJob('worker_started', 'replace').length, fired('replace').length);
  must(
    'replace fired',
    fired('replace').length,
    ofJob('post_process_started', 'sink').length + ofJob('worker_end', 'doomed').length,
  );
  return faults;
}

function countsOf(done: Told[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { job, plot } of done) if (job !== null && plot) counts[job] = (counts[job] ?? 0) + 1;
  return sorted(counts);
}

function countsOfJobs(ledger: Ledger): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const [topic, text] of ledger.retained) {
    const job = /^plot2mqtt\/job\/(\w+)$/.exec(topic)?.[1];
    const view: { plots_done: number } | null = job === undefined ? null : JSON.parse(text);
    if (job !== undefined && view !== null && view.plots_done > 0) counts[job] = view.plots_done;
  }
  return sorted(counts);
}

function sorted(counts: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)));
}
