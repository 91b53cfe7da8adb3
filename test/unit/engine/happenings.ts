import fc from 'fast-check';
import type { HoldWanted } from '../../../src/contract/holds.ts';
import type { EngineCommand } from '../../../src/engine/inputs.ts';
import type { Signal } from '../../../src/plotters/signal.ts';
import { second } from './bench.ts';
import { jobOf } from './plotter.ts';

/** One thing that may happen. Numbers choose among what there is then. */
export type Happening =
  | { do: 'perform' | 'repeat' | 'tell'; which: number }
  | { do: 'exit'; which: number; code: number; told: boolean }
  | { do: 'log'; which: number; signal: Signal }
  | { do: 'pass'; ms: number }
  | { do: 'command'; command: EngineCommand }
  | { do: 'disk'; full: boolean }
  | { do: 'configure'; title: number }
  | { do: 'power'; watts: number }
  | { do: 'crash' | 'compact' | 'checkpoint' | 'ack' };

const which = fc.nat(1000);
const job = fc.constantFrom('first', 'second', 'kept', 'made');
const slot = fc.integer({ min: 1, max: 3 });
const driven = fc.constantFrom('first', 'kept', 'made');
const stage = fc.constantFrom('1', '1.1', '1.2', '2', '3', '4', '5');

const holder = fc.constantFrom(null, 'first', 'second', 'made');
const holdName = fc.constantFrom('pause', 'drain', 'price', 'heat');
const wanted: fc.Arbitrary<HoldWanted> = fc.record(
  {
    kind: fc.constantFrom('pause' as const, 'no_starts' as const),
    reason: fc.constantFrom('dear', 'hot'),
    for_s: fc.integer({ min: 1, max: 60 }),
  },
  { requiredKeys: [] },
);

const command: fc.Arbitrary<EngineCommand> = fc.oneof(
  fc.record({ type: fc.constant('set_hold' as const), job: holder, name: holdName, wanted }),
  fc.record({ type: fc.constant('release_hold' as const), job: holder, name: holdName }),
  fc.constant({ type: 'stop_farm' } as const),
  fc.record({ type: fc.constant('set_farm' as const), max_workers: fc.integer({ min: 0, max: 4 }) }),
  fc.record({ type: fc.constant('start' as const), job: driven, workers: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ type: fc.constant('dismiss_job' as const), job }),
  fc.record({ type: fc.constant('dismiss_worker' as const), job, slot }),
  fc.record({ type: fc.constant('pause_worker' as const), job, slot, paused: fc.boolean() }),
  fc.record({ type: fc.constant('reset' as const), job }),
  fc.record(
    {
      type: fc.constant('fire' as const),
      name: fc.constantFrom('again', 'nobody'),
      transaction: fc.constantFrom('1', '2'),
    },
    { requiredKeys: ['type', 'name'] },
  ),
  fc.record({ type: fc.constant('set' as const), job, settings: fc.record({ paused: fc.boolean() }) }),
  fc.record({
    type: fc.constant('set' as const),
    job: driven,
    settings: fc.record(
      {
        enabled: fc.boolean(),
        max_workers: fc.integer({ min: 0, max: 3 }),
        plots_to_do: fc.integer({ min: 0, max: 6 }),
      },
      { requiredKeys: [] },
    ),
  }),
  fc.constant({ type: 'create_job', job: 'made', definition: jobOf({ max_workers: 2 }) } as const),
  fc.record({ type: fc.constant('delete_job' as const), job: fc.constant('made'), dismiss: fc.boolean() }),
);

const signal: fc.Arbitrary<Signal> = fc.oneof(
  fc.record({ type: fc.constantFrom('enter' as const, 'leave' as const), stage }),
  fc.record({
    type: fc.constant('inside' as const),
    stage,
    fraction: fc.double({ min: 0, max: 1, noNaN: true }),
  }),
  fc.constant({ type: 'goes_on' } as const),
  fc.record({ type: fc.constant('plot_name' as const), name: fc.constant('plot-k32') }),
  fc.record({ type: fc.constant('error' as const), message: fc.constant('full'), waits: fc.boolean() }),
);

/** Anything that may happen, what is usual more often. */
export const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 30, arbitrary: fc.record({ do: fc.constant('perform' as const), which }) },
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constant('exit' as const),
      which,
      code: fc.constantFrom(0, 0, 0, 1),
      told: fc.boolean(),
    }),
  },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('log' as const), which, signal }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 40 * second }) }),
  },
  { weight: 10, arbitrary: fc.record({ do: fc.constant('command' as const), command }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('repeat' as const), which }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('tell' as const), which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('disk' as const), full: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('configure' as const), title: fc.nat(3) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('power' as const), watts: fc.nat(5000) }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constantFrom('crash', 'compact', 'checkpoint', 'ack') }) },
);
