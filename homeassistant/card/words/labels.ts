import type { States } from '../homeassistant.ts';
import type { Job } from '../model/farm.ts';
import { numberOf, stateOf, textIn, timeOf, stateTextOf } from '../model/values.ts';
import type { Cause, WorkerNow } from '../model/worker.ts';
import type { MoveRow, SlotRow } from '../timeline/rows.ts';
import type { Formats } from './formats.ts';
import type { Words } from './words.ts';

/** How something is said now, to this user. */
export interface Voice {
  words: Words;
  formats: Formats;
  now: number;
}

/** When a worker is ready: a time that has passed is any moment. */
export function etaLabel({ words, formats, now }: Voice, eta: number | null): string | null {
  if (eta === null) return null;
  return eta <= now ? words.say('any_moment') : formats.moment(eta, now);
}

/** What a worker is at: `Phase 2`, `paused`, `idle`. */
export function workLabel(
  { words }: Voice,
  { status, phase, phaseTitle }: WorkerNow,
  isShort: boolean,
): string {
  if (status === null) return words.say('not_known');
  if (status !== 'plotting' || phase === null) return words.state(status);
  const title = isShort || phaseTitle === null ? null : phaseTitle;
  return title === null || /^\d/.test(title) ? words.say('phase', { phase }) : title;
}

/** How far it is: `43 % · ready 10:44`; `null` where there is nothing to say. */
export function farLabel(
  voice: Voice,
  { progress, eta, isBusy }: WorkerNow,
  isShort: boolean,
): string | null {
  if (!isBusy) return null;
  const { words, formats } = voice;
  const time = etaLabel(voice, eta);
  const isPast = eta !== null && eta <= voice.now;
  const ready = time === null || isPast || isShort ? time : words.say('ready_at', { time });
  const parts = [progress === null ? null : formats.percent(progress), ready];
  return parts.filter((part) => part !== null).join(' · ') || null;
}

/** A row as it is read aloud. */
export function spokenRow(voice: Voice, { job, slot, worker }: SlotRow): string {
  const name = voice.words.say('worker_of', { job: job.name, slot: slot.slot });
  const parts = [workLabel(voice, worker, false), farLabel(voice, worker, false), worker.problem];
  return `${name}: ${parts.filter((part) => part !== null).join(', ')}`;
}

/** What a job waits for, in a sentence; `null` where it waits for nothing that matters. */
export function waitingLabel({ words }: Voice, states: States, job: Job): string | null {
  const waiting = stateOf(states, job, 'waiting_for');
  const reason = stateTextOf(states, job, 'waiting_for');
  if (waiting === undefined || reason === null) return null;
  const sentence = textIn(waiting.attributes, 'text');
  const ours = words.state(`waiting_${reason}`);
  if (sentence === null) return ours;
  // The daemon speaks English; its sentence has the names and numbers.
  return words.language.startsWith('en') ? sentence : `${ours} (${sentence})`;
}

/** A job's figures: how many plots, what waits, when the next one starts. */
export function jobFigures({ words, formats, now }: Voice, states: States, job: Job): string {
  const done = numberOf(states, job, 'plots_done');
  const total = numberOf(states, job, 'plots_to_do') ?? 0;
  const pending = numberOf(states, job, 'waiting_starts') ?? 0;
  const next = timeOf(states, job, 'next_start');
  const held = stateTextOf(states, job, 'held_by');
  const long = numberOf(states, job, 'average_plot_duration');
  const count = done === null ? null : formats.number(done);
  const plots = total > 0 ? 'plots_done_of' : 'plots_done';
  return [
    count === null ? null : words.say(plots, { count, total: formats.number(total) }),
    long === null ? null : words.say('plot_takes', { time: formats.duration(long) }),
    held === null || held === 'none' ? null : words.say('held_by', { names: held }),
    pending > 0 ? words.say('waiting_workers', { count: pending }) : null,
    next !== null && next > now ? words.say('next_start', { time: formats.moment(next, now) }) : null,
  ]
    .filter((part) => part !== null)
    .join(' · ');
}

/** What a move has on its way, and what waits. */
export function moveLabel({ words, formats }: Voice, { state, moving, waiting }: MoveRow): string {
  const parts = [
    moving === null || moving === 0 ? null : words.say('files_moving', { count: formats.number(moving) }),
    waiting === null || waiting === 0 ? null : words.say('files_waiting', { count: formats.number(waiting) }),
  ].filter((part) => part !== null);
  return parts.length > 0 ? parts.join(' · ') : words.state(state ?? 'unknown');
}

/** Why a worker was started. */
export function causeLabel({ words }: Voice, cause: Cause | null): string | null {
  switch (cause?.kind) {
    case 'event':
      return words.say('why_event', { event: cause.event ?? '' });
    case 'startup':
      return words.say('why_startup');
    case 'manual':
      return words.say('why_manual');
    case 'keep_running':
      return words.say('why_keep_running');
    default:
      return null;
  }
}
