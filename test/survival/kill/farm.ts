import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { shellPlotter } from '../support/shell-plotter.ts';

const KEY = '0'.repeat(96);

/** A plotter that says nothing: its plot is told by being new, among those that others make there. */
const SILENT_SCRIPT = `temp=$2 dest=$4 name=plot-k18-2026-01-01-00-00-$PLOT2MQTT_WORKER
sleep 0.2
echo data >"$temp/data" || exit 1
trap '' TERM
echo plot >"$dest/$name.plot.tmp" || exit 1
sleep 0.1
mv "$dest/$name.plot.tmp" "$dest/$name.plot"
`;

function silentPlotter(folder: string) {
  const { arguments: all, stages } = shellPlotter(folder);
  writeFileSync(join(folder, 'silent.sh'), SILENT_SCRIPT);
  return {
    ...{ title: 'Silent plotter', command: `sh ${join(folder, 'silent.sh')}`, stages, patterns: [] },
    arguments: { temp_dir: all.temp_dir, dest_dir: all.dest_dir },
    success: { produced: 'plot-.*\\.plot' },
  };
}
const OLD_PLOTS = 400;

/** How many of them go for a new one. */
export const OLD_PER_PLOT = 2;

/** Plots that are there before anything begins, as old as replotting wants them. */
const oldPlot = (number: number) => `plot-k18-2021-01-01-00-00-${String(number).padStart(4, '0')}.plot`;

/** A folder with everything that the jobs need, and what they leave in it. */
export interface Farm {
  folder: string;
  config: string;
  dataDir: string;
  /** New plots, wherever jobs or their post-commands put them. */
  plots(): string[];
  /** Old plots that are still there. */
  oldPlots(): string[];
  /** What is left in the temporary directories and of live workers. */
  leftovers(): string[];
  /** The workers of which a command told, once each time it ran. */
  ran(command: 'pre' | 'pre-series' | 'post' | 'post-doomed'): string[];
  history(): HistoryLine[];
  /** The ids in events.jsonl, line by line; of a torn line none. */
  keptEvents(): string[];
  remove(): void;
}

export interface HistoryLine {
  worker: string;
  job: string;
  result: 'done' | 'failed' | 'dismissed';
  plot: string | null;
}

/**
 * The jobs. `source` makes plots in a chain and fires events, some with a delay; `series` makes several in each run, which
 * is ended early now and then; `sink` has no limit at all and starts a worker on each, with a pre- and a post-command;
 * `replace` replots, `flaky` fails now and then, and `doomed` is started and dismissed by hand; `silent` has a plotter whose log names no plot.
 */
export function makeFarm(broker: string): Farm {
  const folder = mkdtempSync(join(tmpdir(), 'plot2mqtt-kill-'));
  const at = (...parts: string[]) => join(folder, ...parts);
  for (const name of ['tmp', 'dest', 'farm', 'replace']) mkdirSync(at(name));
  for (let number = 0; number < OLD_PLOTS; number += 1) writeFileSync(at('replace', oldPlot(number)), 'old');
  const shell = { plotter: 'shell', max_failures: 0, stop_grace: 1 };
  const directories = { temp_dir: 'tmp', dest_dir: 'dest' };
  const config = {
    mqtt: { broker },
    homeassistant: { discovery: false },
    log_level: 'debug',
    plotters: { shell: shellPlotter(folder), silent: silentPlotter(folder) },
    jobs: {
      source: {
        plotter: 'madmax',
        command: 'plot2mqtt simulate madmax --speed 4000',
        arguments: { ...directories, farmer_key: KEY, pool_key: KEY },
        check_space: false,
        max_workers: 2,
        max_failures: 0,
        post_command: `mv %plot% ${at('farm')}/ && echo $PLOT2MQTT_WORKER >>${at('post.txt')}`,
        events: [
          { fire: 'again', on: 'worker_end' },
          { fire: 'again', on: 'stage_started', stage: '2' },
          { fire: 'half', on: 'progress', percent: 50 },
          { fire: 'late', on: 'worker_end', delay: 1 },
        ],
        starts: [{ on: '@startup' }, { on: 'again' }],
      },
      series: {
        plotter: 'madmax',
        command: 'plot2mqtt simulate madmax --speed 4000 --move copy',
        arguments: { ...directories, farmer_key: KEY, pool_key: KEY },
        check_space: false,
        max_failures: 0,
        plots_per_run: 4,
        pre_command: `echo $PLOT2MQTT_WORKER >>${at('pre-series.txt')}`,
        post_command: `mv %plot% ${at('farm')}/ && echo $PLOT2MQTT_WORKER >>${at('post.txt')}`,
        starts: [{ on: '@startup' }, { on: 'again' }],
      },
      sink: {
        ...shell,
        arguments: directories,
        max_workers: 0,
        pre_command: `sleep 0.05; echo $PLOT2MQTT_WORKER >>${at('pre.txt')}`,
        post_command: `sleep 0.05; echo $PLOT2MQTT_WORKER >>${at('post.txt')}`,
        events: [{ fire: 'replace', on: 'post_process_started', delay: 1 }],
        starts: [{ on: 'half' }, { on: 'late' }],
      },
      replace: {
        ...shell,
        arguments: { ...directories, dest_dir: 'replace' },
        max_workers: 0,
        replot: { before: '2022-01-01T00:00:00Z', max_per_plot: OLD_PER_PLOT },
        starts: [{ on: 'replace' }],
      },
      flaky: {
        ...shell,
        arguments: { ...directories, fail_every: 2 },
        max_workers: 1,
        starts: [{ on: 'late' }],
      },
      silent: {
        ...{ plotter: 'silent', arguments: directories, max_workers: 2, max_failures: 0 },
        starts: [{ on: 'again', workers: 2 }, { on: 'half' }],
      },
      doomed: {
        ...shell,
        arguments: { ...directories, pause: '0.15' },
        max_workers: 3,
        post_command: `echo $PLOT2MQTT_WORKER >>${at('post-doomed.txt')}; sleep 0.2`,
        save_logs: 3,
        events: [{ fire: 'replace', on: 'worker_end' }],
      },
    },
  };
  writeFileSync(at('config.yaml'), stringify(config));
  const isOld = (name: string) => name.startsWith('plot-k18-2021-01-01-');
  const plotsIn = (name: string) => readdirSync(at(name)).filter((file) => file.endsWith('.plot'));
  const lines = (...parts: string[]) => {
    try {
      return readFileSync(at(...parts), 'utf8')
        .trimEnd()
        .split('\n');
    } catch {
      return [];
    }
  };
  return {
    folder,
    config: at('config.yaml'),
    dataDir: at('data'),
    plots: () => ['dest', 'farm', 'replace'].flatMap(plotsIn).filter((name) => !isOld(name)),
    oldPlots: () => plotsIn('replace').filter(isOld),
    leftovers: () => [...readdirSync(at('tmp')), ...readdirSync(at('data', 'workers'))],
    ran: (command) => lines(`${command}.txt`),
    history: () => lines('data', 'history.jsonl').map((line): HistoryLine => JSON.parse(line)),
    keptEvents: () =>
      lines('data', 'events.jsonl').flatMap((line) => /^\{"id":"([^"]+)".*\}$/.exec(line)?.[1] ?? []),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** How many old plots there were. */
export const OLD = OLD_PLOTS;
