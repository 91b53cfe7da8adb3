import type { States } from '../homeassistant.ts';
import type { Job } from '../model/farm.ts';
import { numberOf, stateOf, stateTextOf, textIn, timeOf } from '../model/values.ts';
import type { MoveNow } from '../model/move.ts';
import { amountIn } from '../model/amount.ts';
import type { Room } from '../model/room.ts';
import type { Cause, WorkerNow } from '../model/worker.ts';
import type { SlotRow } from '../timeline/rows.ts';
import type { Mark } from '../timeline/segments.ts';
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

/** What a worker is at: its phase as it is called, `paused`, `idle`. */
export function workLabel({ words }: Voice, { status, phase, phaseTitle }: WorkerNow): string {
  if (status === null) return words.say('unknown');
  if (status !== 'plotting' || phase === null) return words.state(status);
  return phaseTitle === null || /^\d/.test(phaseTitle) ? words.say('phase', { phase }) : phaseTitle;
}

/** How far it is: `43 % · ready 10:44`; `null` where there is nothing to say. */
export function farLabel(voice: Voice, { progress, eta, isBusy }: WorkerNow): string | null {
  if (!isBusy) return null;
  return joined(progress === null ? null : voice.formats.percent(progress), readyLabel(voice, eta)) || null;
}

/** `ready 10:44`, `any moment`. */
function readyLabel(voice: Voice, eta: number | null): string | null {
  const time = etaLabel(voice, eta);
  return time === null || (eta ?? 0) <= voice.now ? time : voice.words.say('ready_at', { time });
}

/** What there is to say, in one line. */
function joined(...parts: readonly (string | null)[]): string {
  return parts.filter((part) => part !== null).join(' · ');
}

/** A row as it is read aloud. */
export function spokenRow(voice: Voice, { job, slot, worker }: SlotRow): string {
  const name = voice.words.say('worker_of', { job: job.name, slot: slot.slot });
  const parts = [workLabel(voice, worker), farLabel(voice, worker), worker.problem];
  return `${name}: ${parts.filter((part) => part !== null).join(', ')}`;
}

/** What a job waits for, in a sentence; `null` where it waits for nothing that matters. */
export function waitingLabel({ words }: Voice, states: States, job: Job): string | null {
  const waiting = stateOf(states, job, 'waiting_for');
  const reason = stateTextOf(states, job, 'waiting_for');
  // That all its workers run is what one wants, and what its rows say.
  if (waiting === undefined || reason === null || reason === 'max_workers') return null;
  const sentence = textIn(waiting.attributes, 'text');
  const ours = words.state(`waiting_${reason}`);
  if (sentence === null) return ours;
  // The daemon speaks English; its sentence has the names and numbers.
  return words.language.startsWith('en') ? sentence : `${ours} (${sentence})`;
}

/** A job's figures: how many plots, when all are ready, what waits, when the next one starts. */
export function jobFigures({ words, formats, now }: Voice, states: States, job: Job): string {
  const done = numberOf(states, job, 'plots_done');
  const total = numberOf(states, job, 'plots_to_do') ?? 0;
  const pending = numberOf(states, job, 'waiting_starts') ?? 0;
  const next = timeOf(states, job, 'next_start');
  const eta = timeOf(states, job, 'eta');
  const held = stateTextOf(states, job, 'held_by');
  const long = amountIn(stateOf(states, job, 'average_plot_duration'));
  const fill = { count: formats.number(done ?? 0), total: formats.number(total) };
  return joined(
    done === null ? null : words.say(total > 0 ? 'plots_done_of' : 'plots_done', fill),
    long === null ? null : words.say('plot_takes', { time: formats.duration(long) }),
    eta !== null && eta > now ? words.say('all_ready', { time: formats.moment(eta, now) }) : null,
    held === null || held === 'none' ? null : words.say('held_by', { names: held }),
    pending > 0 ? words.say('waiting_workers', { count: pending }) : null,
    next !== null && next > now ? words.say('next_start', { time: formats.moment(next, now) }) : null,
  );
}

/** What a move has on its way, what waits, and when all is there. */
export function moveLabel(voice: Voice, { state, moving, waiting, eta }: MoveNow): string {
  const { words, formats } = voice;
  const said = joined(
    moving ? words.say('files_moving', { count: formats.number(moving) }) : null,
    waiting ? words.say('files_waiting', { count: formats.number(waiting) }) : null,
    readyLabel(voice, eta),
  );
  return said || (state === null ? words.say('unknown') : words.state(state));
}

/** A failure, and why: beside its job's rows. */
export function failureLabel({ words, formats, now }: Voice, slot: number, { at, reason }: Mark): string {
  const what = words.say('failed_at', { slot, time: formats.moment(at, now) });
  return reason === null ? what : `${what}: ${reason}`;
}

/** The room on a file system; where nothing is known of it, what its daemon says of it, if that says anything. */
export function roomLabel(voice: Voice, room: Room, problem: string | undefined): string {
  const { words, formats, now } = voice;
  if (room.free === null) return problem ?? words.say('unknown');
  if (room.state !== null && room.state !== 'ok') return words.state(room.state);
  const [free, total] = [formats.bytes(room.free), formats.bytes(room.total ?? 0)];
  return joined(
    words.say(room.total === null ? 'free' : 'free_of', { free, total }),
    room.reserved ? words.say('reserved', { reserved: formats.bytes(room.reserved) }) : null,
    room.fullAt === null ? null : words.say('full_at', { time: formats.moment(room.fullAt, now) }),
  );
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
