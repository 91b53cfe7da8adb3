import type { CardConfig } from '../homeassistant.ts';
import type { Daemon, Job, Move } from '../model/farm.ts';
import { entityOf, numberOf } from '../model/values.ts';
import { type Frame, FULL, heading, number, press, type Section, tile, toggle } from './cards.ts';

/** A section for each job: how it stands, and all that can be set. */
export function jobSections(frame: Frame, daemons: readonly Daemon[]): Section[] {
  return daemons.flatMap((daemon) =>
    daemon.jobs.map((job): Section => ({ type: 'grid', cards: jobCards(frame, daemon, job) })),
  );
}

function jobCards(frame: Frame, daemon: Daemon, job: Job): CardConfig[] {
  const name = frame.isNamed ? `${daemon.name}: ${job.name}` : job.name;
  const progress = { ...FULL, features: [{ type: 'bar-gauge' }], features_position: 'inline' };
  return [
    heading(name, 'mdi:briefcase-outline'),
    { type: OURS, instance: daemon.instance, job: job.id },
    ...(isLimited(frame, job) ? tile(frame, job, 'progress', 'progress', progress) : []),
    ...tile(frame, job, 'plots_done', 'plots_made'),
    ...tile(frame, job, 'plots_per_day', 'plots_a_day'),
    ...press(frame, job, 'start_worker', 'start', 'ask_start', FULL),
    ...toggle(frame, job, 'enabled', 'enabled'),
    ...toggle(frame, job, 'paused', 'paused'),
    ...number(frame, job, 'max_workers', 'max_workers'),
    ...number(frame, job, 'plots_to_do', 'plots_to_do'),
    ...press(frame, job, 'reset', 'reset', 'ask_reset', QUIET),
    ...press(frame, job, 'dismiss_all', 'dismiss_all', 'ask_dismiss_all', { ...QUIET, ...whileRunning(job) }),
  ];
}

const OURS = 'custom:plot2mqtt-job-card';
/** What is seldom wanted doesn't call for it. */
const QUIET = { color: 'grey' };

/** What would do nothing isn't offered. */
function whileRunning(job: Job): object {
  const entity = entityOf(job, 'running_workers');
  return entity === undefined ? {} : { visibility: [{ condition: 'numeric_state', entity, above: 0 }] };
}

/** Without a number of plots to make there is no progress towards it. */
function isLimited({ states }: Frame, job: Job): boolean {
  return (numberOf(states, job, 'plots_to_do') ?? 0) > 0;
}

/** A section for each move. */
export function moveSections(frame: Frame, daemons: readonly Daemon[]): Section[] {
  return daemons.flatMap((daemon) =>
    daemon.moves.map((move): Section => ({ type: 'grid', cards: moveCards(frame, daemon, move) })),
  );
}

function moveCards(frame: Frame, daemon: Daemon, move: Move): CardConfig[] {
  return [
    heading(frame.isNamed ? `${daemon.name}: ${move.name}` : move.name, 'mdi:truck-outline'),
    { type: OURS, instance: daemon.instance, move: move.id },
    ...toggle(frame, move, 'enabled', 'enabled'),
    ...toggle(frame, move, 'paused', 'paused'),
    ...tile(frame, move, 'files_waiting', 'files_that_wait'),
    ...tile(frame, move, 'speed', 'speed'),
  ];
}
