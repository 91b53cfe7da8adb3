import { afterEach, expect, it, vi } from 'vitest';
import { RoomTaken } from '../../../../src/daemon/publishing/room-taken.ts';
import type { UsedRoom } from '../../../../src/engine/inputs.ts';
import { Bench } from '../../engine/bench.ts';

afterEach(() => {
  vi.useRealTimers();
});

/** A measuring that notes whom it was asked for. */
function measuring(measure: (id: string) => Promise<UsedRoom> = async () => ROOM) {
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] });
  const bench = new Bench({ nightly: { max_workers: 3 } });
  const asked: string[] = [];
  const taken = new RoomTaken(bench.state, (worker) => {
    asked.push(worker.id);
    return measure(worker.id);
  });
  const after = async (ms: number) => {
    vi.advanceTimersByTime(ms);
    const used = await taken.look();
    return [asked.splice(0), [...used.keys()]];
  };
  return { bench, after };
}

const ROOM = { temp_bytes: 5, plot_bytes: 0 };

it('workers are measured when they are new, have come to another stage, and each five minutes', async () => {
  const { bench, after } = measuring();
  const one = bench.startOne();
  expect(await after(0)).toEqual([[one.id], [one.id]]);
  expect(await after(30_000)).toEqual([[], [one.id]]);
  const two = bench.startOne();
  expect(await after(30_000)).toEqual([[two.id], [one.id, two.id]]);
  bench.enter(one, '2');
  expect(await after(30_000)).toEqual([[one.id], [one.id, two.id]]);
  expect(await after(270_000)).toEqual([[two.id], [one.id, two.id]]);
  bench.exit(one);
  expect(await after(300_000)).toEqual([[two.id], [two.id]]);
});

it('what can’t be measured holds nobody up, and is asked for once', async () => {
  const { bench, after } = measuring(() => new Promise(() => undefined));
  const { id } = bench.startOne();
  const first = after(0);
  await vi.advanceTimersByTimeAsync(500);
  expect(await first).toEqual([[id], []]);
  expect(await after(600_000)).toEqual([[], []]);
});

it('what takes long is measured seldom', async () => {
  const { bench, after } = measuring(async () => {
    await vi.advanceTimersByTimeAsync(400);
    return ROOM;
  });
  const one = bench.startOne();
  expect(await after(0)).toEqual([[one.id], [one.id]]);
  const two = bench.startOne();
  expect(await after(79_000)).toEqual([[], [one.id]]);
  expect(await after(1_000)).toEqual([[two.id], [one.id, two.id]]);
});
