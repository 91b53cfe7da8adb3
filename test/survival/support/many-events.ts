import { writeFileSync } from 'node:fs';
import type { TestDaemon } from '../../support/e2e/daemon.ts';

const STAGES = 1000;

/** What each plot of it tells at least: the start and the end of each stage. */
export const EVENTS_A_PLOT = 2 * STAGES;

/** A plotter that goes through a thousand stages in no time, and so makes a flood of events. */
function manyEvents(daemon: TestDaemon) {
  const script = `name=plot-k18-2026-01-01-00-00-$PLOT2MQTT_WORKER
echo "plot $name"
i=1; while [ $i -le ${STAGES} ]; do echo "stage $i"; i=$((i + 1)); done
echo plot >"$2/$name.plot"; echo "final $2/$name.plot"
`;
  writeFileSync(daemon.path('many.sh'), script);
  return {
    title: 'Many events',
    command: `sh ${daemon.path('many.sh')}`,
    arguments: { dest_dir: { type: 'directory', flag: '-d', role: 'destination', required: true } },
    stages: Array.from({ length: STAGES }, (_, index) => ({ id: `${index + 1}`, title: 'One of many' })),
    patterns: [
      { match: '^plot (?<name>\\S+)$', plot_name: true },
      { match: '^stage (?<stage>\\d+)$', enter: '{stage}' },
      { match: '^final (?<file>.+)$', final_file: true },
    ],
  };
}

/** A configuration in which its plots are made one after the other, so many workers at once, as soon as the file `go` is there. */
export function flood(daemon: TestDaemon, { plots, workers }: { plots: number; workers: number }) {
  return {
    plotters: { many: manyEvents(daemon) },
    jobs: {
      flood: {
        plotter: 'many',
        command: `until [ -e go ]; do sleep 0.1; done; sh ${daemon.path('many.sh')}`,
        arguments: { dest_dir: 'plots' },
        plots_to_do: plots,
        max_workers: workers,
        events: [{ fire: 'more', on: 'worker_end' }],
        starts: [{ on: '@startup', workers }, { on: 'more' }],
      },
    },
  };
}
