import type { CardConfig } from '../homeassistant.ts';
import type { Daemon, Job, Move } from '../model/farm.ts';
import { type Frame, heading, number, press, type Section, tile, toggle } from './cards.ts';

/** A section for each job: how it stands, and all that can be set. */
export function jobSections(frame: Frame, daemons: readonly Daemon[]): Section[] {
  return daemons.flatMap((daemon) =>
    daemon.jobs.map((job): Section => ({ type: 'grid', cards: jobCards(frame, daemon, job) })),
  );
}

function jobCards(frame: Frame, daemon: Daemon, job: Job): CardConfig[] {
  const name = frame.isNamed ? `${daemon.name}: ${job.name}` : job.name;
  const progress = {
    ...{ features: [{ type: 'bar-gauge' }], features_position: 'inline' },
    grid_options: { columns: 'full' },
  };
  return [
    heading(name, 'mdi:briefcase-outline'),
    { type: 'custom:plot2mqtt-job-card', instance: daemon.instance, job: job.id },
    ...(isLimited(frame, job) ? tile(frame, job, 'progress', 'progress', progress) : []),
    ...tile(frame, job, 'plots_done', 'plots_made'),
    ...tile(frame, job, 'plots_per_day', 'plots_a_day'),
    ...press(frame, job, 'start_worker', 'start', 'ask_start'),
    ...press(frame, job, 'dismiss_all', 'dismiss_all', 'ask_dismiss_all', { color: 'red' }),
    ...toggle(frame, job, 'enabled', 'enabled'),
    ...toggle(frame, job, 'paused', 'paused'),
    ...number(frame, job, 'max_workers', 'max_workers'),
    ...number(frame, job, 'plots_to_do', 'plots_to_do'),
    ...press(frame, job, 'reset', 'reset', 'ask_reset', { grid_options: { columns: 'full' } }),
  ];
}

/** Without a number of plots to make there is no progress towards it. */
function isLimited({ states }: Frame, { entities }: Job): boolean {
  const toDo = states[entities.get('plots_to_do') ?? '']?.state;
  return toDo !== undefined && Number(toDo) > 0;
}

/** A section for each move. */
export function moveSections(frame: Frame, daemons: readonly Daemon[]): Section[] {
  return daemons.flatMap((daemon) =>
    daemon.moves.map((move): Section => ({ type: 'grid', cards: moveCards(frame, daemon, move) })),
  );
}

function moveCards(frame: Frame, daemon: Daemon, move: Move): CardConfig[] {
  const { words, isNamed } = frame;
  const entity = move.entities.get('state');
  const badges = entity === undefined ? [] : [{ type: 'entity', entity, show_state: true, show_icon: false }];
  return [
    heading(isNamed ? `${daemon.name}: ${move.name}` : move.name, 'mdi:truck-outline', { badges }),
    ...toggle(frame, move, 'enabled', 'enabled'),
    ...toggle(frame, move, 'paused', 'paused'),
    ...['files_waiting', 'speed'].flatMap((key) =>
      tile(frame, move, key, 'speed', { name: words.say(key === 'speed' ? 'speed' : 'files_that_wait') }),
    ),
  ];
}
