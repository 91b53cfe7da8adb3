import type { Farm } from './farm.ts';
import { OLD } from './farm.ts';
import type { Ledger, Told } from './ledger.ts';

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
/** In which order they come. */
const ORDER = [...ONCE];

/** What is wrong in one worker's story. */
function faultsOf(worker: string, story: Told[]): string[] {
  const faults: string[] = [];
  const seen = story.map((event) => event.type).filter((type) => ONCE.has(type));
  for (const type of twice(seen)) faults.push(`${worker}: ${type} twice`);
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
  for (const [worker, story] of bySubject(events)) faults.push(...faultsOf(worker, story));

  const done = [...of('worker_end'), ...of('worker_dismissed')];
  const plots = done.flatMap((event) => (event.plot ? [event.plot.split('/').at(-1) ?? ''] : []));
  const history = farm.history();
  const stats: { plots_done: number } = JSON.parse(ledger.retained.get('plot2mqtt/bridge/stats') ?? '{}');
  must('plots on disk, as events tell', farm.plots().sort(), plots.sort());
  must('plots counted', stats.plots_done, plots.length);
  must('lines of history with a plot', history.filter((line) => line.plot !== null).length, plots.length);
  const ended = done.map((event) => `${event.worker} ${event.result ?? 'dismissed'}`);
  must('history', history.map((line) => `${line.worker} ${line.result}`).sort(), ended.sort());
  must('counts of jobs', countsOfJobs(ledger), countsOf(done));

  const posted = of('worker_end').filter(({ job, plot }) => plot && (job === 'source' || job === 'sink'));
  must('post-commands', farm.ran('post').sort(), posted.map((event) => `${event.worker}`).sort());
  const prepared = of('plotter_started').filter((event) => event.job === 'sink');
  must('pre-commands', farm.ran('pre').sort(), prepared.map((event) => `${event.worker}`).sort());
  must(
    'old plots removed',
    OLD - farm.oldPlots().length,
    new Set(of('replot_removed').map((event) => event.file)).size,
  );
  must('left over', farm.leftovers(), []);

  const fired = (name: string) => of('event_fired').filter((event) => event.name === name);
  const ofJob = (type: string, job: string) => of(type).filter((event) => event.job === job);
  must(
    'late fired',
    fired('late')
      .map((event) => event.worker)
      .sort(),
    ofJob('worker_end', 'source')
      .map((event) => event.worker)
      .sort(),
  );
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
