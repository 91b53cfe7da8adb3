import { expect, it } from 'vitest';
import { createTurns } from '../../../src/host/turns.ts';

it('a call that throws at once, first or when its turn comes, rejects and gives its place back', async () => {
  const turns = createTurns(1);
  const thrown = (message: string) => (): Promise<string> => {
    throw new Error(message);
  };
  const [first, waited, after] = await Promise.allSettled([
    turns.take('a', thrown('first'), 60_000),
    turns.take('a', thrown('waited'), 60_000),
    turns.take('b', async () => 'after', 60_000),
  ]);
  expect(first).toMatchObject({ reason: { message: 'first' } });
  expect(waited).toMatchObject({ reason: { message: 'waited' } });
  expect(after).toMatchObject({ value: 'after' });
  expect(turns.underWay('a')).toBe(0);
});
