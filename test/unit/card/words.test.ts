import { expect, test } from 'vitest';
import { daemonsOf } from '../../../homeassistant/card/model/farm.ts';
import { workerNow } from '../../../homeassistant/card/model/worker.ts';
import { DE, DE_STATES } from '../../../homeassistant/card/words/de.ts';
import { EN, EN_STATES } from '../../../homeassistant/card/words/en.ts';
import { formatsOf } from '../../../homeassistant/card/words/formats.ts';
import {
  etaLabel,
  farLabel,
  jobFigures,
  type Voice,
  waitingLabel,
} from '../../../homeassistant/card/words/labels.ts';
import { wordsOf } from '../../../homeassistant/card/words/words.ts';
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
  const gaps = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([gap]) => gap).sort();
  const german: Readonly<Record<string, string>> = DE;
  for (const [word, text] of Object.entries(EN))
    expect([word, gaps(german[word] ?? '')]).toEqual([word, gaps(text)]);
  expect(Object.keys(DE).sort()).toEqual(Object.keys(EN).sort());
  expect(Object.keys(DE_STATES).sort()).toEqual(Object.keys(EN_STATES).sort());
});

test.each([
  ...[...WORKER_STATUSES, ...JOB_STATES, ...MOVE_STATES, ...DISK_STATES.filter((state) => state !== 'ok')],
  ...WAITING_FOR.map((reason) => `waiting_${reason}`),
])('%s of the contract has words', (state) => {
  expect(Object.keys(EN_STATES)).toContain(state);
});

test('a language without words speaks English; of a variant its language', () => {
  expect(wordsOf('he').say('disks')).toBe('Disks');
  expect(wordsOf('de-CH').say('disks')).toBe('Platten');
  expect(wordsOf('de').say('worker', { slot: 3 })).toBe('Worker 3');
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

test('what a worker and its job say', () => {
  const { entities, devices, states } = cellar(NOW);
  const [daemon] = daemonsOf(entities, devices);
  const job = daemon?.jobs.find(({ id }) => id === 'nightly');
  const slot = job?.slots[2];
  if (!job || !slot) throw new Error('no slot');
  expect(plain(farLabel(voice('en'), workerNow(states, slot), false))).toMatch(
    /^\d+ % · ready (Fri )?\d\d:\d\d$/,
  );
  expect(plain(jobFigures(voice('de'), states, job))).toBe(
    '43 von 100 Plots · 5 h 30 min je Plot · 1 warten auf den Start',
  );
  expect(waitingLabel(voice('en'), states, job)).toBe(
    "2 of 2 workers in limit 'rig' have not finished phase 1.",
  );
  expect(waitingLabel(voice('de'), states, job)).toMatch(/^Ein Limit ist erreicht \(2 of 2 workers/);
});
