import fc from 'fast-check';
import { expect, it } from 'vitest';
import { step } from '../../../../src/engine/engine.ts';
import type { Input } from '../../../../src/engine/inputs.ts';
import { keepEvent, MAX_UNACKED_EVENTS } from '../../../../src/engine/model/changes.ts';
import { toSnapshot } from '../../../../src/engine/model/snapshot.ts';
import type { Outcome } from '../../../../src/engine/outcome.ts';
import { Bench } from '../bench.ts';
import { Chaos } from '../chaos.ts';
import { happening } from '../happenings.ts';

const RUNS = { numRuns: 60, interruptAfterTimeLimit: 12_000 };
const happenings = fc.array(happening, { maxLength: 150, size: 'max' });

/** All that a step may touch, in order: what others hold must stay the same object too. */
function everything({ state, memory }: Bench) {
  const { settings, probing, manual, dismissals, deletions, unwritten } = memory;
  return {
    settings,
    state: JSON.stringify(toSnapshot(state)),
    objects: [...state.jobs.values(), ...state.runs.values(), ...state.workers.values()],
    workersOfRuns: [...state.index.workers]
      .map(([run, workers]) => [run, [...workers.keys()].sort()] as const)
      .sort(),
    slots: [...state.index.slots]
      .map(([job, slots]) => [job, [...slots].sort(([a], [b]) => a - b)] as const)
      .sort(),
    memory: [
      [...probing],
      [...manual],
      [...dismissals].map(([ticket, ids]) => [ticket, [...ids]]),
      [...deletions],
    ],
    unwritten: (['runs', 'workers'] as const).map((kind) =>
      [...unwritten[kind]].map(([id, keys]) => [id, [...keys]] as const).sort(),
    ),
  };
}

/** What a step came to, without what takes it back. */
function told({ entry, flush, effects, answers, touched }: Outcome): string {
  const { jobs, slots, moved } = touched;
  const places = [...slots].map(([job, each]) => [job, [...each]]);
  return JSON.stringify([entry, flush, effects, answers, [...jobs], places, [...moved]]);
}

/** Takes an input in as if for good. */
function rehearsed(bench: Bench, input: Input): Outcome {
  let randoms = 0;
  const random = () => {
    randoms += 1;
    return `u${randoms}`;
  };
  return step(bench.state, bench.memory, { ...bench.surroundings, random }, input);
}

/** Whether each object is the very one that it was. */
function expectSame(before: readonly object[], after: readonly object[]): void {
  expect(after.length).toBe(before.length);
  for (const [index, each] of before.entries()) expect(after[index]).toBe(each);
}

function checkUndo(bench: Bench, input: Input): void {
  const { objects, ...before } = everything(bench);
  const first = rehearsed(bench, input);
  const said = told(first);
  first.undo();
  const { objects: kept, ...after } = everything(bench);
  expect(after).toEqual(before);
  expectSame(objects, kept);
  const second = rehearsed(bench, input);
  expect(told(second)).toBe(said);
  second.undo();
  expect(everything(bench)).toEqual({ objects, ...before });
}

it('whatever happens: a step that is undone was never taken, and taken again comes to the same', () => {
  fc.assert(
    fc.property(happenings, (all) => {
      const chaos = new Chaos(() => {});
      chaos.bench.before = (input) => checkUndo(chaos.bench, input);
      for (const each of all) chaos.happen(each);
      chaos.windDown();
    }),
    RUNS,
  );
});

it('events that go because there are too many come back', () => {
  const bench = new Bench();
  bench.configure({ job: {} });
  const [event] = bench.events;
  if (!event) throw new Error('there is no event');
  while (bench.state.unacked.length < MAX_UNACKED_EVENTS)
    keepEvent(bench.state, { ...event, seq: bench.state.seq + 1 });
  const before = [...bench.state.unacked];
  const { seq, dropped } = bench.state;
  const outcome = step(bench.state, bench.memory, bench.surroundings, {
    type: 'command',
    ticket: 1,
    command: { type: 'fire', name: 'nobody' },
  });
  expect(bench.state.unacked.length).toBeLessThan(MAX_UNACKED_EVENTS);
  outcome.undo();
  expect(bench.state).toMatchObject({ seq, dropped });
  expect(bench.state.unacked).toEqual(before);
});
