import { describe, expect, it } from 'vitest';
import { holdEntriesSchema } from '../../../../src/config/schema/hold.ts';
import { ruleAt } from '../../../../src/engine/jobs/held-spans.ts';

const spans = (held: string | string[]) => holdEntriesSchema.parse({ a: { held } }).a?.held ?? [];
const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString().slice(0, 16));
const at = (held: string | string[], zone: string, now: string) => {
  const { active, next } = ruleAt(spans(held), zone, Date.parse(`${now}:00Z`));
  return [active, iso(next)];
};

// 2026-11-23 is a Monday.
describe('hours by themselves', () => {
  it.each<[string | string[], string, string, boolean, string | null]>([
    ['07:00-22:00', 'UTC', '2026-11-23T06:59', false, '2026-11-23T07:00'],
    ['07:00-22:00', 'UTC', '2026-11-23T07:00', true, '2026-11-23T22:00'],
    ['07:00-22:00', 'UTC', '2026-11-23T22:00', false, '2026-11-24T07:00'],
    // Over midnight, from the day on which it begins.
    ['22:00-06:00', 'UTC', '2026-11-23T23:00', true, '2026-11-24T06:00'],
    ['22:00-06:00', 'UTC', '2026-11-24T05:59', true, '2026-11-24T06:00'],
    ['sun 22:00-06:00', 'UTC', '2026-11-23T05:00', true, '2026-11-23T06:00'],
    ['sun 22:00-06:00', 'UTC', '2026-11-23T06:00', false, '2026-11-29T22:00'],
    ['mon 22:00-06:00', 'UTC', '2026-11-23T05:00', false, '2026-11-23T22:00'],
    ['mon-fri 06:00-22:00', 'UTC', '2026-11-27T22:00', false, '2026-11-30T06:00'],
    ['fri-mon 06:00-22:00', 'UTC', '2026-11-23T07:00', true, '2026-11-23T22:00'],
    ['fri-mon 06:00-22:00', 'UTC', '2026-11-24T07:00', false, '2026-11-27T06:00'],
    ['tue,sat 06:00-22:00', 'UTC', '2026-11-24T22:00', false, '2026-11-28T06:00'],
    // Those that touch or overlap are one.
    [['06:00-12:00', '12:00-14:00', '13:00-15:00'], 'UTC', '2026-11-23T07:00', true, '2026-11-23T15:00'],
    [['sat 20:00-24:00', 'sun 00:00-24:00'], 'UTC', '2026-11-28T21:00', true, '2026-11-30T00:00'],
    ['00:00-24:00', 'UTC', '2026-11-23T07:00', true, null],
    ['12:00-12:00', 'UTC', '2026-11-23T07:00', true, null],
    ['mon 08:00-08:00', 'UTC', '2026-11-23T07:00', false, '2026-11-23T08:00'],
    ['mon 08:00-08:00', 'UTC', '2026-11-23T09:00', true, '2026-11-24T08:00'],
    // By the clocks of a zone.
    ['07:00-22:00', 'Europe/Berlin', '2026-11-23T05:59', false, '2026-11-23T06:00'],
    ['mon 00:00-01:00', 'Europe/Berlin', '2026-11-22T23:30', true, '2026-11-23T00:00'],
    ['sun 18:00-20:00', 'America/New_York', '2026-11-23T00:30', true, '2026-11-23T01:00'],
    ['07:00-22:00', 'Asia/Kathmandu', '2026-11-23T00:00', false, '2026-11-23T01:15'],
    // To summer time on 29 March and back on 25 October at 01:00 UTC.
    ['07:00-22:00', 'Europe/Berlin', '2026-03-28T21:00', false, '2026-03-29T05:00'],
    ['01:00-04:00', 'Europe/Berlin', '2026-03-29T00:30', true, '2026-03-29T02:00'],
    ['01:00-02:30', 'Europe/Berlin', '2026-03-29T00:30', true, '2026-03-29T01:30'],
    ['07:00-22:00', 'Europe/Berlin', '2026-10-24T20:00', false, '2026-10-25T06:00'],
    ['00:00-24:00', 'Europe/Berlin', '2026-10-24T20:00', true, null],
  ])('%s in %s at %s', (held, zone, now, active, next) => {
    expect(at(held, zone, now)).toEqual([active, next]);
  });
});
