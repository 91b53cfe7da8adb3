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

it('a call that hangs gives its place to others after a while, but not to its own key', async () => {
  const turns = createTurns(1, { placeMs: 1 });
  const hangs = turns.take('dead', () => new Promise<never>(() => {}), 60_000);
  expect(await turns.take('live', async () => 'answer', 60_000)).toBe('answer');
  expect(await turns.take('dead', async () => 'never begun', 1)).toBeNull();
  void hangs;
});

it('a call that would surely hang is not made', async () => {
  const turns = createTurns(1, { skips: (key) => key === 'dead' });
  const made: string[] = [];
  const call = (name: string) => async () => made.push(name);
  expect(await turns.take('dead', call('dead'), 60_000)).toBeNull();
  expect(await turns.take('live', call('live'), 60_000)).toBe(1);
  expect(made).toEqual(['live']);
});
