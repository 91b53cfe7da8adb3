import { expect, it } from 'vitest';
import { Meter } from '../../../../src/daemon/energy/meter.ts';
import type { Input } from '../../../../src/engine/inputs.ts';
import type { Message } from '../../../../src/mqtt/connection/session.ts';
import { collectingLog } from '../../mqtt/support/fixture.ts';

type Handle = (message: Message) => void;

function make() {
  const handlers: { topic: string; handle: Handle }[] = [];
  const taken: Input[] = [];
  const { log, lines } = collectingLog();
  const world = { storable: true };
  const meter = new Meter({
    mqtt: {
      sub: (topic, handle) => void handlers.push({ topic, handle }),
      unsub: (topic, handle) => {
        const index = handlers.findIndex((each) => each.topic === topic && each.handle === handle);
        if (index < 0) throw new Error(`${topic} has no such handler`);
        handlers.splice(index, 1);
      },
    },
    take: (input) => void taken.push(input),
    storable: () => world.storable,
    log,
  });
  const publish = (topic: string, text: string, retained = false) => {
    const properties = { responseTopic: undefined, correlationData: undefined };
    for (const each of handlers)
      if (each.topic === topic) each.handle({ topic, payload: Buffer.from(text), retained, ...properties });
  };
  return { meter, handlers, taken, lines, world, publish };
}

it('takes power and prices from their topics, and nothing that is retained', () => {
  const { meter, taken, publish } = make();
  meter.configure({ power_topic: 'rig', power_key: 'w.total', price_topic: 'price' });
  publish('rig', '{"w": {"total": 300}}', true);
  publish('price', '0.31', true);
  publish('rig', '{"w": {"total": 310}}');
  publish('price', '0.31');
  publish('price', '-0.05');
  expect(taken).toEqual([
    { type: 'power', watts: 310 },
    { type: 'price', price: 0.31 },
    { type: 'price', price: 0 },
  ]);
});

it('reads both out of one message', () => {
  const { meter, taken, publish } = make();
  meter.configure({ power_topic: 'rig', power_key: 'w', price_topic: 'rig', price_key: 'ct' });
  publish('rig', '{"w": 300, "ct": 31}');
  expect(taken).toEqual([
    { type: 'power', watts: 300 },
    { type: 'price', price: 31 },
  ]);
});

it('says once that nothing can be read, and again when it could meanwhile', () => {
  const { meter, taken, lines, publish } = make();
  meter.configure({ power_topic: 'rig' });
  for (const text of ['unavailable', 'unavailable', '5', 'unavailable']) publish('rig', text);
  expect(taken).toEqual([{ type: 'power', watts: 5 }]);
  expect(lines.filter((line) => line.includes('No power can be read'))).toHaveLength(2);
});

it('listens where config.yaml says now', () => {
  const { meter, handlers, taken, publish } = make();
  meter.configure({ power_topic: 'a', price_topic: 'p' });
  meter.configure({ power_topic: 'b', price_topic: 'p' });
  expect(handlers.map(({ topic }) => topic)).toEqual(['p', 'b']);
  meter.configure({ power_topic: 'b', power_key: 'w', price_topic: 'p' });
  publish('b', '{"w": 1}');
  expect(taken).toEqual([{ type: 'power', watts: 1 }]);
  meter.configure(undefined);
  expect(handlers).toEqual([]);
});

it('keeps nothing while the state can’t be written, and has the rest written when it stops', () => {
  const { meter, handlers, taken, world, publish } = make();
  meter.configure({ power_topic: 'rig' });
  world.storable = false;
  publish('rig', '100');
  expect(taken).toEqual([]);
  meter.stop();
  expect(handlers).toEqual([]);
  expect(taken).toEqual([{ type: 'wake', timers: [{ kind: 'energy' }] }]);
});
