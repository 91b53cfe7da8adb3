import fc from 'fast-check';
import { generate } from 'mqtt-packet';
import { expect, it } from 'vitest';
import { Frames, OversizedPacket } from '../../../src/mqtt/broker/frames.ts';
import { LIMITS } from '../../../src/mqtt/broker/limits.ts';
import { connectPacket } from '../../support/raw-mqtt.ts';

const CONNECT = generate(connectPacket('a', { protocolVersion: 5 }), { protocolVersion: 5 });

function publish(payload: string | Buffer, properties = {}): Buffer {
  const packet = {
    cmd: 'publish',
    topic: 't',
    payload,
    qos: 1,
    messageId: 1,
    retain: false,
    dup: false,
  } as const;
  return generate({ ...packet, properties }, { protocolVersion: 5 });
}

function all(frames: Frames): Buffer[] {
  const found = [];
  for (let next = frames.next(); next; next = frames.next()) found.push(Buffer.from(next.bytes));
  return found;
}

it('finds the same packets however they are cut', () => {
  const packets = [
    CONNECT,
    publish('x'),
    publish('y'.repeat(300)),
    generate({ cmd: 'pingreq' }),
    publish(''),
  ];
  const bytes = Buffer.concat(packets);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 200 })), (cuts) => {
      const frames = new Frames(LIMITS);
      const found = [];
      let at = 0;
      for (const cut of [...cuts, bytes.length]) {
        frames.add(bytes.subarray(at, at + cut));
        found.push(...all(frames));
        at += cut;
      }
      expect(found).toEqual(packets);
      expect(frames.unfinished).toBe(0);
    }),
  );
});

it('takes little for what has not come yet', () => {
  const frames = new Frames(LIMITS);
  frames.add(CONNECT);
  frames.add(publish(Buffer.alloc(4_000_000)).subarray(0, 100));
  all(frames);
  expect(frames.unfinished).toBeGreaterThan(0);
  expect(frames.unfinished).toBeLessThan(1_000);
});

it.each([
  ['a CONNECT', [generate(connectPacket('x'.repeat(LIMITS.connectPacket)))]],
  ['a first packet', [publish(Buffer.alloc(LIMITS.connectPacket))]],
  ['a PUBLISH', [CONNECT, publish(Buffer.alloc(LIMITS.packet))]],
  ['a property', [CONNECT, publish('', { userProperties: { a: ['x'.repeat(60_000), 'x'.repeat(60_000)] } })]],
  ['another packet', [CONNECT, Buffer.from([0x82, 0xff, 0xff, 0x7f])]],
])('refuses %s that is too large', (_what, packets) => {
  const frames = new Frames(LIMITS);
  expect(() => {
    for (const packet of packets) {
      frames.add(packet);
      all(frames);
    }
  }).toThrow(OversizedPacket);
  expect(() => frames.next()).toThrow(OversizedPacket);
});

it('weighs what becomes large when it is read', () => {
  const frames = new Frames(LIMITS);
  frames.add(CONNECT);
  all(frames);
  const userProperties = { a: 'x'.repeat(1_000) };
  for (const packet of [publish('x'.repeat(1_000)), publish('', { userProperties })]) frames.add(packet);
  const [plain, full] = [frames.next(), frames.next()];
  expect(plain?.weight).toBeLessThan(1_100);
  expect(full?.weight).toBeGreaterThan(10_000);
});
