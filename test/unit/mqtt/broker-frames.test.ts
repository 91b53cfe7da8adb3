import fc from 'fast-check';
import { generate } from 'mqtt-packet';
import { expect, it } from 'vitest';
import { Frames, OversizedPacket } from '../../../src/mqtt/broker/frames.ts';
import { LIMITS } from '../../../src/mqtt/broker/limits.ts';
import { SLAB_BYTES, Slabs } from '../../../src/mqtt/broker/slabs.ts';
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
      const frames = new Frames(LIMITS, new Slabs(LIMITS.packet));
      const found = [];
      let at = 0;
      for (const cut of [...cuts, bytes.length]) {
        frames.add(bytes.subarray(at, at + cut));
        found.push(...all(frames));
        at += cut;
      }
      expect(found).toEqual(packets);
      expect(frames.held).toBe(0);
    }),
  );
});

it('copies what comes of a packet, and takes at most twice as much', () => {
  const packet = publish(Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 251)));
  const cut = fc.oneof(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 100_000 }));
  fc.assert(
    fc.property(fc.array(cut, { minLength: 1, maxLength: 50 }), (cuts) => {
      const frames = new Frames(LIMITS, new Slabs(LIMITS.packet));
      frames.add(CONNECT);
      all(frames);
      let at = 0;
      for (let index = 0; at < packet.length - 1; index += 1) {
        const cut = cuts[index % cuts.length] ?? 1;
        const piece = Buffer.from(packet.subarray(at, Math.min(at + cut, packet.length - 1)));
        frames.add(piece);
        expect(frames.next()).toBeUndefined();
        // Were it kept, so would be the large piece of memory that a socket may give with a few bytes.
        piece.fill(255);
        at += piece.length;
        expect(frames.held).toBeLessThanOrEqual(Math.max(2 * at, 512));
      }
      frames.add(packet.subarray(at));
      expect(all(frames)[0]?.equals(packet)).toBe(true);
      expect(frames.held).toBe(0);
    }),
    { numRuns: 20 },
  );
});

it('keeps nothing of what came with whole packets', () => {
  const frames = new Frames(LIMITS, new Slabs(LIMITS.packet));
  const packets = Buffer.concat([CONNECT, publish(Buffer.alloc(50_000))]);
  const piece = Buffer.concat([packets, publish(Buffer.alloc(1_000)).subarray(0, 2)]);
  frames.add(piece);
  expect(all(frames)).toHaveLength(2);
  expect(frames.held).toBe(2);
  piece.fill(0);
  frames.add(publish(Buffer.alloc(1_000)).subarray(2));
  expect(all(frames)).toEqual([publish(Buffer.alloc(1_000))]);
});

it('gives the memory of unfinished packets back, to be used again', () => {
  const slabs = new Slabs(2 * SLAB_BYTES);
  const frames = new Frames(LIMITS, slabs);
  frames.add(CONNECT);
  all(frames);
  frames.add(publish(Buffer.alloc(5 * SLAB_BYTES, 'x')).subarray(0, -1));
  all(frames);
  expect(frames.held).toBeGreaterThanOrEqual(5 * SLAB_BYTES);
  frames.clear();
  expect(frames.held).toBe(0);
  const taken = [slabs.take(), slabs.take(), slabs.take()];
  expect(new Set(taken).size).toBe(3);
  expect(taken.map((slab) => slab.includes('x'.repeat(1_000)))).toEqual([true, true, false]);
});

it.each([
  ['a CONNECT', [generate(connectPacket('x'.repeat(LIMITS.connectPacket)))]],
  ['a first packet', [publish(Buffer.alloc(LIMITS.connectPacket))]],
  ['a PUBLISH', [CONNECT, publish(Buffer.alloc(LIMITS.packet))]],
  ['a property', [CONNECT, publish('', { userProperties: { a: ['x'.repeat(60_000), 'x'.repeat(60_000)] } })]],
  ['another packet', [CONNECT, Buffer.from([0x82, 0xff, 0xff, 0x7f])]],
])('refuses %s that is too large', (_what, packets) => {
  const frames = new Frames(LIMITS, new Slabs(LIMITS.packet));
  expect(() => {
    for (const packet of packets) {
      frames.add(packet);
      all(frames);
    }
  }).toThrow(OversizedPacket);
  expect(() => frames.next()).toThrow(OversizedPacket);
});

it('weighs what becomes large when it is read', () => {
  const frames = new Frames(LIMITS, new Slabs(LIMITS.packet));
  frames.add(CONNECT);
  all(frames);
  const userProperties = { a: 'x'.repeat(1_000) };
  for (const packet of [publish('x'.repeat(1_000)), publish('', { userProperties })]) frames.add(packet);
  const [plain, full] = [frames.next(), frames.next()];
  expect(plain?.weight).toBeLessThan(1_100);
  expect(full?.weight).toBeGreaterThan(10_000);
});
