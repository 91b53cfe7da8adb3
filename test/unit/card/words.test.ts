import { expect, test } from 'vitest';
import { withMessage } from '../../../homeassistant/card/history/tracks.ts';
import { daemonsOf } from '../../../homeassistant/card/model/farm.ts';
import { moveNow } from '../../../homeassistant/card/model/move.ts';
import { isFull, roomOf } from '../../../homeassistant/card/model/room.ts';
import { workerNow } from '../../../homeassistant/card/model/worker.ts';
import { formatsOf } from '../../../homeassistant/card/words/formats.ts';
import {
  etaLabel,
  failureLabel,
  farLabel,
  jobFigures,
  moveLabel,
  roomLabel,
  type Voice,
  waitingLabel,
  workLabel,
} from '../../../homeassistant/card/words/labels.ts';
import { rowsOf } from '../../../homeassistant/card/timeline/rows.ts';
import { STATES } from '../../../homeassistant/card/words/states.ts';
import { TEXTS } from '../../../homeassistant/card/words/texts.ts';
import { type Fill, type Word, wordsOf } from '../../../homeassistant/card/words/words.ts';
import { WAITING_FOR } from '../../../src/contract/gates.ts';
import { MOVE_STATES } from '../../../src/contract/moves.ts';
import { DISK_STATES } from '../../../src/contract/rows/host.ts';
import { JOB_STATES, WORKER_STATUSES } from '../../../src/contract/views.ts';
import { cellar } from '../../support/card/farm.ts';

const NOW = Date.parse('2026-11-26T20:00:00Z');
const MINUTE = 60_000;
const server = { time_zone: 'Europe/Zurich' };
const locale = { language: 'en', number_format: 'language', time_format: '24', time_zone: 'server' };
const voice = (language: string): Voice => ({
  words: wordsOf(language),
  formats: formatsOf({ locale: { ...locale, language }, config: server }),
  now: NOW,
});
const plain = (text: string | null) => text?.replace(/\s/g, ' ') ?? null;

test('both languages fill in the same', () => {
  const gaps = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, gap]) => gap).sort();
  for (const [word, [english, german]] of Object.entries(TEXTS))
    expect([word, gaps(german)]).toEqual([word, gaps(english)]);
});

test('one is one, and not two', () => {
  const [english, german] = [wordsOf('en'), wordsOf('de')];
  const both = (word: Word, fill: Fill) => [english.say(word, fill), german.say(word, fill)];
  expect(both('plots_done', { count: '1' })).toEqual(['1 plot', '1 Plot']);
  expect(both('plots_done', { count: '0' })).toEqual(['0 plots', '0 Plots']);
  expect(both('plots_done_of', { count: '0', total: '1' })).toEqual(['0 of 1 plot', '0 von 1 Plot']);
  expect(both('waiting_workers', { count: 1 })[1]).toBe('1 wartet auf den Start');
  expect(both('files_waiting', { count: '2' })).toEqual(['2 waiting', '2 warten']);
  expect(both('full_disks', { count: 1 })).toEqual(['1 full disk', '1 volle Platte']);
});

test.each([
  ...[...WORKER_STATUSES, ...JOB_STATES, ...MOVE_STATES, ...DISK_STATES.filter((state) => state !== 'ok')],
  ...WAITING_FOR.map((reason) => `waiting_${reason}`),
])('%s of the contract has words', (state) => {
  expect(Object.keys(STATES)).toContain(state);
});

test('a language without words speaks English; of a variant its language', () => {
  expect(wordsOf('he').say('disks')).toBe('Disks');
  expect(wordsOf('de-CH').say('disks')).toBe('Platten');
  expect(wordsOf('de').say('worker_of', { job: 'Nachts', slot: 3 })).toBe('Nachts, Worker 3');
});

test('an ETA that has passed is any moment; another day’s says the day', () => {
  expect(etaLabel(voice('en'), NOW - 1)).toBe('any moment');
  expect(etaLabel(voice('en'), NOW + 30 * MINUTE)).toBe('21:30');
  expect(plain(etaLabel(voice('en'), NOW + 5 * 60 * MINUTE))).toBe('Fri 02:00');
  expect(etaLabel(voice('de'), NOW)).toBe('jeden Moment');
  expect(etaLabel(voice('en'), null)).toBeNull();
});

test('times are those of the user’s zone, as he wants them', () => {
  const at = (more: object) => plain(formatsOf({ locale: { ...locale, ...more }, config: server }).time(NOW));
  expect(at({})).toBe('21:00');
  expect(at({ time_format: '12' })).toBe('9:00 PM');
  expect(at({ time_format: 'language', language: 'de' })).toBe('21:00');
  const { offsetAt } = formatsOf({ locale, config: { time_zone: 'Asia/Kolkata' } });
  expect(offsetAt(NOW)).toBe(5.5 * 60 * MINUTE);
  const summer = formatsOf({ locale, config: server }).offsetAt(Date.parse('2026-07-01T00:00:00Z'));
  expect(summer).toBe(2 * 60 * MINUTE);
});

test('numbers and sizes as the user wants them', () => {
  const formats = (number_format: string) =>
    formatsOf({ locale: { ...locale, number_format }, config: server });
  expect(formats('decimal_comma').bytes(1.5 * 2 ** 40)).toBe('1,5 TiB');
  expect(formats('comma_decimal').number(1234.56)).toBe('1,234.6');
  expect(formats('none').number(1234)).toBe('1234');
  expect(formats('language').bytes(0)).toBe('0 B');
  expect([45, 90, 3600, 20_000].map(formats('language').duration)).toEqual([
    '45 s',
    '2 min',
    '1 h',
    '5 h 33 min',
  ]);
});

/** A farm of which all is known. */
const { entities, devices, states, history } = cellar(NOW);
const [daemon] = daemonsOf(entities, devices);
const nightly = daemon?.jobs.find(({ id }) => id === 'nightly');
if (!daemon || !nightly) throw new Error('no farm');

test('what a worker and its job say', () => {
  const slot = nightly.slots[2];
  if (!slot) throw new Error('no slot');
  expect(plain(farLabel(voice('en'), workerNow(states, slot)))).toMatch(/^\d+ % · ready (Fri )?\d\d:\d\d$/);
  expect(workLabel(voice('en'), workerNow(states, slot))).toBe('Forward propagation');
  // The day alone, as it is more than a week ahead.
  expect(plain(jobFigures(voice('de'), states, nightly))).toBe(
    '183 von 300 Plots · 6 h 20 min je Plot · alle fertig 6. Dez.',
  );
  expect(waitingLabel(voice('en'), states, nightly)).toBe(
    "2 of 2 workers in limit 'rig' have not finished phase 1",
  );
  expect(waitingLabel(voice('de'), states, nightly)).toMatch(/^Ein Limit ist erreicht \(2 of 2 workers/);
});

test('how long a plot takes is told in whatever unit the user has chosen', () => {
  const id = nightly.entities.get('average_plot_duration') ?? '';
  const state = states[id];
  if (!state) throw new Error('no duration');
  const inHours = { ...state, state: '6.5', attributes: { ...state.attributes, unit_of_measurement: 'h' } };
  expect(jobFigures(voice('en'), { ...states, [id]: inHours }, nightly)).toContain('6 h 30 min a plot');
});

test('a move says when all is there, at its speed; as it is, where nothing moves', () => {
  const [move] = daemon.moves;
  if (!move) throw new Error('no move');
  const now = moveNow(states, move, NOW);
  expect(plain(moveLabel(voice('en'), now))).toMatch(/^2 moving · 2 waiting · ready \d\d:\d\d$/);
  // Two have come a part of their way, and two wait: between one time of a plot, which is 19 minutes, and two.
  expect(((now.eta ?? 0) - NOW) / MINUTE).toBeGreaterThan(19);
  expect(((now.eta ?? 0) - NOW) / MINUTE).toBeLessThan(38);
  const id = move.entities.get('speed') ?? '';
  const still = { ...states, [id]: { ...states[id], state: 'unknown' } } as typeof states;
  expect(moveNow(still, move, NOW).eta).toBeNull();
  const idle = { state: 'idle', moving: 0, waiting: 0, eta: null };
  expect(moveLabel(voice('de'), idle)).toBe('frei');
});

test('a failure is told with its reason', () => {
  const tracks = withMessage(new Map(), { states: history }, 0);
  const past = { from: NOW - 12 * 60 * MINUTE, to: NOW };
  const rows = rowsOf({ states, tracks, now: NOW, past }, daemon).jobs.flatMap((job) => job.rows);
  const said = rows.flatMap(({ slot, marks }) =>
    marks.map((mark) => failureLabel(voice('en'), slot.slot, mark)),
  );
  expect(said).toEqual([
    'Worker 5 failed 16:19: the plotter ended with exit code 1: No space left on device',
  ]);
  expect(failureLabel(voice('de'), 2, { at: NOW, reason: null })).toBe('Worker 2 fehlgeschlagen 21:00');
});

test('a disk says when it will be full; one that is away, what its daemon says of it', () => {
  const room = (path: string) => {
    const disk = daemon.disks.find((each) => each.path === path);
    if (!disk) throw new Error(`no ${path}`);
    return roomOf(states, disk);
  };
  const [filled, full, away] = [room('/mnt/farm18'), room('/mnt/farm01'), room('/mnt/farm20')];
  expect(plain(roomLabel(voice('en'), filled, undefined))).toMatch(
    /^\d\.\d TiB of 14\.6 TiB free · 104 GiB reserved · full (Sun|Mon) \d\d:\d\d$/,
  );
  expect([isFull(filled), isFull(full), isFull(away)]).toEqual([false, true, false]);
  expect(roomLabel(voice('en'), away, 'destination /mnt/farm20/plots is not mounted')).toBe(
    'destination /mnt/farm20/plots is not mounted',
  );
  expect(roomLabel(voice('de'), away, undefined)).toBe('keine Daten');
  expect(roomLabel(voice('en'), { ...filled, state: 'read_only' }, undefined)).toBe('read-only');
});
