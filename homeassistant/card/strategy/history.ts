import type { CardConfig } from '../homeassistant.ts';
import type { Daemon } from '../model/farm.ts';
import type { BridgeKey } from '../model/keys.ts';
import { entityOf } from '../model/values.ts';
import type { Word } from '../words/words.ts';
import { type Frame, FULL, heading, type Section } from './cards.ts';

/** A line or bar of a graph. */
interface Row {
  entity: string;
  name: string;
}

/** How many days back graphs go. */
export const SHOWN_DAYS = 30;

/** The entities whose long-term statistics are shown, where they have any. */
export function graphed(daemon: Daemon): string[] {
  return [
    entityOf(daemon, 'plots_done') ?? [],
    ...daemon.jobs.map((job) => entityOf(job, 'average_plot_duration') ?? []),
    ...daemon.disks.map(({ free }) => free),
  ].flat();
}

/** The last day, and out of long-term statistics, once there are any: plots a day, how long they take, free room. */
export function historySections(frame: Frame, daemons: readonly Daemon[]): Section[] {
  const { words } = frame;
  const named = (daemon: Daemon, name: string) => (frame.isNamed ? `${daemon.name}: ${name}` : name);
  const ofDaemons = (key: BridgeKey, word: Word) =>
    daemons.flatMap((daemon) => row(entityOf(daemon, key), named(daemon, words.say(word))));
  const long = daemons.flatMap((daemon) =>
    daemon.jobs.flatMap((job) => row(entityOf(job, 'average_plot_duration'), named(daemon, job.name))),
  );
  const room = daemons.flatMap((daemon) =>
    daemon.disks.flatMap(({ free, path }) => row(free, named(daemon, path))),
  );
  const day = [
    ...ofDaemons('running_workers', 'running_workers'),
    ...ofDaemons('plots_today', 'plots_today'),
  ];
  const bars = { stat_types: ['change'], chart_type: 'bar', hide_legend: daemons.length === 1 };
  const cards = [
    heading(words.say('history'), 'mdi:chart-line'),
    ...(day.length > 0 ? [{ type: 'history-graph', hours_to_show: 24, entities: day, ...FULL }] : []),
    ...statistics(frame, 'plots_a_day', ofDaemons('plots_done', 'plots_made'), bars),
    ...statistics(frame, 'duration', long, { stat_types: ['mean'] }),
    ...statistics(frame, 'free_room', room, { stat_types: ['mean'] }),
  ];
  return [{ type: 'grid', cards }];
}

function statistics(
  { words, measured }: Frame,
  title: Word,
  rows: readonly Row[],
  more: object,
): CardConfig[] {
  const entities = rows.filter(({ entity }) => measured.has(entity));
  if (entities.length === 0) return [];
  const span = { period: 'day', days_to_show: SHOWN_DAYS };
  return [{ type: 'statistics-graph', title: words.say(title), entities, ...span, ...FULL, ...more }];
}

function row(entity: string | undefined, name: string): Row[] {
  return entity === undefined ? [] : [{ entity, name }];
}

/** What has happened. */
export function eventSections({ words }: Frame, daemons: readonly Daemon[]): Section[] {
  const entity_id = daemons.flatMap((daemon) => entityOf(daemon, 'event') ?? []);
  if (entity_id.length === 0) return [];
  const logbook = { type: 'logbook', hours_to_show: 48, target: { entity_id } };
  const cards = [
    heading(words.say('events'), 'mdi:bell-ring-outline'),
    { ...logbook, grid_options: { columns: 'full', rows: 10 } },
  ];
  return [{ type: 'grid', cards }];
}
