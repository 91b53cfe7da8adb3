import type { Daemon } from '../model/farm.ts';
import { type Frame, heading, type Section } from './cards.ts';

/** Plots a day, how long they take, free room: out of Home Assistant's long-term statistics. */
export function historySections({ words, isNamed }: Frame, daemons: readonly Daemon[]): Section[] {
  const jobs = daemons.flatMap((daemon) => daemon.jobs.map((job) => ({ daemon, job })));
  const named = (daemon: Daemon, name: string) => (isNamed ? `${daemon.name}: ${name}` : name);
  const made = daemons.flatMap((daemon) =>
    row(daemon.entities.get('plots_done'), named(daemon, words.say('plots_made'))),
  );
  const long = jobs.flatMap(({ daemon, job }) =>
    row(job.entities.get('average_plot_duration'), named(daemon, job.name)),
  );
  const disks = daemons.flatMap((daemon) =>
    daemon.disks.flatMap(({ free, path }) => row(free, named(daemon, path))),
  );
  const graph = (title: string, entities: readonly object[], more: object) =>
    entities.length === 0
      ? []
      : [{ type: 'statistics-graph', title, entities, grid_options: { columns: 'full' }, ...more }];
  return [
    {
      type: 'grid',
      cards: [
        heading(words.say('history'), 'mdi:chart-line'),
        ...graph(words.say('plots_a_day'), made, {
          ...{ period: 'day', days_to_show: 30, stat_types: ['change'], chart_type: 'bar' },
          hide_legend: made.length === 1,
        }),
        ...graph(words.say('duration'), long, { period: 'day', days_to_show: 30, stat_types: ['mean'] }),
        ...graph(words.say('free_room'), disks, { period: 'day', days_to_show: 30, stat_types: ['mean'] }),
      ],
    },
  ];
}

function row(entity: string | undefined, name: string): { entity: string; name: string }[] {
  return entity === undefined ? [] : [{ entity, name }];
}

/** What has happened. */
export function eventSections({ words }: Frame, daemons: readonly Daemon[]): Section[] {
  const entity_id = daemons.flatMap(({ entities }) => entities.get('event') ?? []);
  if (entity_id.length === 0) return [];
  const logbook = { type: 'logbook', hours_to_show: 48, target: { entity_id } };
  return [
    {
      type: 'grid',
      cards: [
        heading(words.say('events'), 'mdi:bell-ring-outline'),
        { ...logbook, grid_options: { columns: 'full', rows: 10 } },
      ],
    },
  ];
}
