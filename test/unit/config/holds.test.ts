import { describe, expect, it } from 'vitest';
import { load, loaded } from './support.ts';

async function problems(text: string): Promise<string[]> {
  const result = await load(text);
  return result.ok ? [] : result.problems.map(({ path, message }) => `${path}: ${message}`);
}

describe('holds', () => {
  it('are read with their times', async () => {
    const { config } = await loaded(
      'time_zone: Europe/Berlin\nholds:\n' +
        '  price: { title: Expensive power, kind: no_starts, jobs: ["cpu*"], moves: false, for: 1h }\n' +
        '  night: { held: ["mon-wed,sun 22:00-06:00", "12:30-24:00"] }\n  day: { held: 07:00-22:00 }\n  drain: {}\n',
    );
    expect(config.time_zone).toBe('Europe/Berlin');
    expect(config.holds).toEqual({
      price: { title: 'Expensive power', kind: 'no_starts', jobs: ['cpu*'], moves: false, for: 3600 },
      night: {
        held: [
          { days: [1, 2, 3, 0], from: 22 * 60, minutes: 8 * 60 },
          { days: [0, 1, 2, 3, 4, 5, 6], from: 12 * 60 + 30, minutes: 11 * 60 + 30 },
        ],
      },
      day: { held: [{ days: [0, 1, 2, 3, 4, 5, 6], from: 7 * 60, minutes: 15 * 60 }] },
      drain: {},
    });
  });

  it.each([
    ['holds: { price: { kind: stop } }', /^holds\.price\.kind: /],
    ['holds: { price: { unti: 1h } }', /^holds\.price\.?.*unti/],
    ['holds: { price: { for: 0 } }', /^holds\.price\.for: /],
    ['holds: { price: { for: 9999d } }', /^holds\.price\.for: /],
    ['holds: { price: { jobs: [] } }', /^holds\.price\.jobs: /],
    ['holds: { price: { jobs: [CPU] } }', /^holds\.price\.jobs/],
    ['holds: { price: { held: 7-22 } }', /^holds\.price\.held: /],
    ['holds: { price: { held: "25:00-26:00" } }', /^holds\.price\.held: /],
    ['holds: { price: { held: "24:00-06:00" } }', /^holds\.price\.held: /],
    ['holds: { price: { held: "workdays 07:00-22:00" } }', /^holds\.price\.held: /],
    ['holds: { price: { held: [] } }', /^holds\.price\.held: /],
    ['holds: { Price: {} }', /^holds\.Price: /],
    ['holds: { drain: { kind: pause } }', /^holds\.drain\.kind: .*always of kind no_starts/],
    ['holds: { pause: { moves: false } }', /^holds\.pause\.moves: .*always holds moves too/],
    ['holds: { pause: { jobs: [a] } }', /^holds\.pause\.jobs: .*always holds all jobs/],
    ['time_zone: Mars/Olympus', /^time_zone: .*Europe\/Berlin/],
  ])('%s is wrong', async (text, message) => {
    expect(await problems(`${text}\n`)).toEqual([expect.stringMatching(message)]);
  });
});
