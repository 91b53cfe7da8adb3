import { expect, test } from 'vitest';
import { type Track, withMessage } from '../../../homeassistant/card/history/tracks.ts';
import { daemonsOf } from '../../../homeassistant/card/model/farm.ts';
import {
  drawArrows,
  drawRow,
  ROW_HEIGHT,
  withWholePlots,
} from '../../../homeassistant/card/timeline/drawing.ts';
import { rowsOf } from '../../../homeassistant/card/timeline/rows.ts';
import { type Scale, spanOf, ticksOf, xOf } from '../../../homeassistant/card/timeline/scale.ts';
import {
  aheadSegment,
  failuresIn,
  pastSegments,
  type Segment,
} from '../../../homeassistant/card/timeline/segments.ts';
import { cellar } from '../../support/card/farm.ts';
import { PHASES } from '../../support/farm/story.ts';

const HOUR = 3_600_000;
const track = (...states: [number, string, object?][]): Track =>
  states.map(([at, state, attributes = {}]) => ({ at, state, attributes: { ...attributes } }));
const brief = (segments: readonly Segment[]) =>
  segments.map(({ kind, from, to, phase }) => [kind, from, to, ...(phase === null ? [] : [phase])]);

const titles = ['Forward', 'Back'];
const span = { from: 0, to: 100_000 };

test('a plot is a piece for each phase; free, it has none', () => {
  const status = track(
    [10_000, 'pre_process'],
    [20_000, 'plotting'],
    [60_000, 'post_process'],
    [70_000, 'idle'],
  );
  const phase = track([20_500, 'Forward'], [40_000, 'Back'], [70_000, 'unknown']);
  expect(brief(pastSegments({ status, phase, titles }, span))).toEqual([
    ['before', 10_000, 20_000],
    // Its phase is told half a second after its status.
    ['phase', 20_000, 40_000, 1],
    ['phase', 40_000, 60_000, 2],
    ['after', 60_000, 70_000],
  ]);
});

test('what was before the span is cut, what lasts goes on until now', () => {
  const status = track([-50_000, 'plotting']);
  const phase = track([-50_000, 'Forward'], [30_000, 'Back']);
  expect(brief(pastSegments({ status, phase, titles }, span))).toEqual([
    ['phase', 0, 30_000, 1],
    ['phase', 30_000, 100_000, 2],
  ]);
});

test('a pause, and a time of which nothing is known', () => {
  const status = track(
    [0, 'plotting'],
    [20_000, 'paused'],
    [40_000, 'plotting'],
    [60_000, 'unavailable'],
    [80_000, 'plotting'],
  );
  const phase = track([0, 'Forward'], [60_000, 'unavailable'], [80_000, 'Back']);
  expect(brief(pastSegments({ status, phase, titles }, span))).toEqual([
    ['phase', 0, 20_000, 1],
    ['paused', 20_000, 40_000, 1],
    ['phase', 40_000, 60_000, 1],
    ['unknown', 60_000, 80_000],
    ['phase', 80_000, 100_000, 2],
  ]);
});

test('a slot that is new was never away', () => {
  const status = track([10_000, 'unavailable'], [10_500, 'unknown'], [11_000, 'idle'], [20_000, 'plotting']);
  expect(brief(pastSegments({ status, phase: [], titles }, span))).toEqual([['phase', 20_000, 100_000]]);
});

test('without an entity for the phase, its stage says it; steps are no pieces', () => {
  const status = track([0, 'plotting']);
  const phase = track([0, '1.1'], [10_000, '1.2'], [20_000, '2'], [30_000, '3.1']);
  expect(brief(pastSegments({ status, phase, titles: [] }, span))).toEqual([
    ['phase', 0, 20_000, 1],
    ['phase', 20_000, 30_000, 2],
    ['phase', 30_000, 100_000, 3],
  ]);
});

test('two plots of one run are two pieces, though the status stays', () => {
  const status = track([0, 'plotting', { worker: 'a' }], [50_000, 'plotting', { worker: 'b' }]);
  const phase = track([0, 'Forward']);
  const segments = pastSegments({ status, phase, titles }, span);
  expect(segments.map(({ worker, to }) => [worker, to])).toEqual([
    ['a', 50_000],
    ['b', 100_000],
  ]);
});

test('a failure is marked once; found again after a restart it is none', () => {
  const status = track(
    [0, 'plotting', { worker: 'a' }],
    [30_000, 'failed'],
    [50_000, 'unavailable'],
    [60_000, 'failed'],
  );
  expect(failuresIn(status, span)).toEqual([{ at: 30_000, worker: 'a' }]);
  expect(failuresIn(status, { from: 40_000, to: 100_000 })).toEqual([]);
});

test('the time ahead goes to the ETA; one that has passed has none', () => {
  // It has no phase: which ones come isn't known.
  expect(brief(aheadSegment(100, 900))).toEqual([['ahead', 100, 900]]);
  expect(aheadSegment(100, 90)).toEqual([]);
  expect(aheadSegment(100, null)).toEqual([]);
});

test('history told twice is there once, and what is too old goes but for the state then', () => {
  const told = (...lus: number[]) => ({ states: { a: lus.map((lu) => ({ s: String(lu), a: {}, lu })) } });
  const first = withMessage(new Map(), told(1, 2, 3), 0);
  const again = withMessage(withMessage(first, told(4), 0), told(2, 3, 4), 0);
  expect(again.get('a')?.map(({ state }) => state)).toEqual(['1', '2', '3', '4']);
  expect(
    withMessage(again, told(5), 3500)
      .get('a')
      ?.map(({ state }) => state),
  ).toEqual(['3', '4', '5']);
});

test('arrows lead from the moment that fired an event to the worker it started', () => {
  const now = Date.parse('2026-11-26T20:00:00Z');
  const { entities, devices, states, history } = cellar(now);
  const [daemon] = daemonsOf(entities, devices);
  if (!daemon) throw new Error('no daemon');
  const tracks = withMessage(new Map(), { states: history }, 0);
  const rows = rowsOf({ states, tracks, now, past: { from: now - 12 * HOUR, to: now } }, daemon);
  const started = rows.arrows.filter(({ to }) => to.slot === 3);
  expect(started.length).toBeGreaterThan(0);
  for (const { from, to, name } of started) {
    expect({ name, from: [from.job, from.slot], to: to.job }).toEqual({
      ...{ name: 'next', from: ['nightly', 2], to: 'nightly' },
    });
    expect(to.at - from.at).toBe(2000);
  }
  // A job that no event starts has none; the failure of the last slot is marked.
  expect(rows.arrows.some(({ to }) => to.job === 'fast')).toBe(false);
  const nightly = rows.jobs.find(({ job }) => job.id === 'nightly')?.rows ?? [];
  expect(nightly.map(({ marks }) => marks.length)).toEqual([0, 0, 0, 0, 1]);
  expect(nightly[0]?.worker.phaseTitle).toBe(PHASES[(nightly[0]?.worker.phase ?? 0) - 1]);
});

const scale: Scale = { span: { from: 0, to: 10 * HOUR }, width: 1000, isMirrored: false };

test('places grow with time, and are mirrored where reading begins at the right', () => {
  expect([-1, 0, 5, 10, 20].map((hour) => xOf(scale, hour * HOUR))).toEqual([0, 0, 500, 1000, 1000]);
  const mirrored = { ...scale, isMirrored: true };
  expect([0, 5, 10].map((hour) => xOf(mirrored, hour * HOUR))).toEqual([1000, 500, 0]);
  const piece: Segment = { kind: 'phase', from: HOUR, to: 3 * HOUR, phase: 2, title: null, worker: null };
  expect(drawRow(scale, 1, [piece], []).bars[0]).toMatchObject({
    x: 100,
    width: 199,
    look: 'phase phase-2',
    digit: '2',
  });
  expect(drawRow(mirrored, 1, [piece], []).bars[0]).toMatchObject({ x: 700, width: 199 });
});

test('what is expected looks like no phase', () => {
  const [ahead] = aheadSegment(HOUR, 3 * HOUR);
  if (!ahead) throw new Error('nothing ahead');
  expect(drawRow(scale, 0, [ahead], []).bars[0]).toMatchObject({ look: 'ahead phase-0', digit: null });
});

test('the span reaches to the last ETA, but no further than the past', () => {
  const hours = ({ from, to }: { from: number; to: number }) =>
    [from, to].map((at) => Math.round((at / HOUR) * 10) / 10);
  expect(hours(spanOf(0, 10, []))).toEqual([-10, 1]);
  expect(hours(spanOf(0, 10, [4 * HOUR, 2 * HOUR]))).toEqual([-10, 4.5]);
  expect(hours(spanOf(0, 10, [90 * HOUR]))).toEqual([-10, 10]);
});

test('ticks are round hours of the zone, as far apart as labels need', () => {
  const half = () => 5.5 * HOUR;
  expect(ticksOf(scale, () => 0, 150).map((at) => at / HOUR)).toEqual([0, 2, 4, 6, 8, 10]);
  expect(ticksOf(scale, half, 150).map((at) => at / HOUR)).toEqual([0.5, 2.5, 4.5, 6.5, 8.5]);
  expect(ticksOf({ ...scale, width: 120 }, () => 0, 60).map((at) => at / HOUR)).toEqual([0, 6]);
});

test('a made plot that is too narrow for its phases is one piece; one that runs keeps them', () => {
  const piece = (worker: string, from: number, to: number): Segment => ({
    ...{ kind: 'phase', from: from * HOUR, to: to * HOUR, phase: 1, title: null, worker },
  });
  const plots = [
    piece('a', 1, 1.1),
    piece('a', 1.1, 1.2),
    piece('b', 2, 4),
    piece('b', 4, 5),
    piece('c', 9.9, 9.95),
    piece('c', 9.95, 10),
  ];
  const whole = withWholePlots(scale, plots, scale.span);
  expect(whole.map(({ kind, worker }) => `${worker} ${kind}`)).toEqual([
    ...['a made', 'b phase', 'b phase', 'c phase', 'c phase'],
  ]);
});

test('an arrow goes from row to row, and nowhere where one of them isn’t shown', () => {
  const place = (slot: number, hour: number) => ({ job: 'a', slot, at: hour * HOUR });
  const arrow = { name: 'next', from: place(1, 2), to: place(3, 4) };
  const [path] = drawArrows(scale, [arrow], ({ slot }) => (slot - 1) * ROW_HEIGHT);
  expect(path?.line).toMatch(/^M200,33 /);
  expect(path?.head).toContain(`L400,${2 * ROW_HEIGHT + 11} Z`);
  expect(drawArrows(scale, [arrow], ({ slot }) => (slot === 1 ? 0 : undefined))).toEqual([]);
});
