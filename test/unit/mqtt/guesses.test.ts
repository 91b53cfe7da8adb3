import { expect, it } from 'vitest';
import { Guesses } from '../../../src/mqtt/broker/guesses.ts';

const LIMITS = { guesses: 20, guessDelayMs: 500, guessMaxDelayMs: 5_000 };

function guesses() {
  const clock = { now: 0 };
  const judge = new Guesses({ anna: 'secret' }, LIMITS, () => clock.now);
  const ask = (address: string, password: string, clientId = 'any') =>
    judge.judge(address, clientId, 'anna', Buffer.from(password));
  return { clock, ask };
}

it('lets a right password in at once while others are wrong, from the same address too', () => {
  const { ask } = guesses();
  for (let count = 0; count < LIMITS.guesses - 1; count += 1)
    expect(ask('a', `wrong ${count}`).kind).toBe('wrong');
  expect(ask('a', 'secret')).toEqual({ kind: 'right' });
});

it('answers wrong passwords later and later, and soon again after a minute of peace', () => {
  const { clock, ask } = guesses();
  const delays = [];
  for (let count = 0; count < 60; count += 1) {
    const judged = ask('a', 'wrong');
    delays.push(judged.kind === 'wrong' ? judged.delayMs : 0);
    clock.now += 5_000;
  }
  expect(delays.filter((_, index) => index % 10 === 0)).toEqual([500, 1000, 2000, 4000, 5000, 5000]);
  clock.now += 61_000;
  expect(ask('a', 'wrong')).toEqual({ kind: 'wrong', delayMs: 500 });
});

it('looks at only so many a second, whether their senders wait or not', () => {
  const { clock, ask } = guesses();
  let looked = 0;
  for (; clock.now < 60_000; clock.now += 1) if (ask('a', `guess ${clock.now}`).kind === 'wrong') looked += 1;
  // 4 a second once the delay is at its largest.
  expect(looked).toBeLessThan(60 * 6);
});

it('knows clients that have been in before while there are too many guesses', () => {
  const { ask } = guesses();
  expect(ask('a', 'secret', 'home').kind).toBe('right');
  for (let count = 0; count < LIMITS.guesses; count += 1) ask('a', 'wrong');
  expect(ask('a', 'secret', 'stranger').kind).toBe('unchecked');
  expect(ask('a', 'secret', 'home').kind).toBe('right');
  // Who guesses under that name is known no longer.
  expect(ask('a', 'wrong', 'home').kind).toBe('wrong');
  expect(ask('a', 'secret', 'home').kind).toBe('unchecked');
  expect(ask('another address', 'secret', 'stranger').kind).toBe('right');
});
