import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createGrowingMask } from '../../../../src/config/mask.ts';
import { Door } from '../../../../src/mqtt/door.ts';
import { Outbox, type OutboxOptions, type Wire } from '../../../../src/mqtt/sending/outbox.ts';
import type { Publication } from '../../../../src/mqtt/connection/session.ts';
import { collectingLog } from '../support/fixture.ts';

/** A connection that acknowledges when it is told to. */
class FakeSession implements Wire {
  readonly maximumPacketSize = 100_000;
  readonly receiveMaximum: number;
  readonly sent: Publication[] = [];
  /** It has cut the connection: acknowledges nothing any more. */
  cut = false;
  readonly #waiting: (() => void)[] = [];
  readonly #takes: (message: Publication) => boolean;

  constructor(receiveMaximum = 1000, takes: (message: Publication) => boolean = () => true) {
    this.receiveMaximum = receiveMaximum;
    this.#takes = takes;
  }

  publish(message: Publication, done: (error?: Error | null) => void): void {
    this.sent.push(message);
    this.cut ||= !this.#takes(message);
    this.#waiting.push(done);
  }

  get inFlight(): number {
    return this.#waiting.length;
  }

  acknowledge(count = Number.POSITIVE_INFINITY): void {
    for (let index = 0; index < count; index += 1) {
      const done = this.#waiting.shift();
      if (!done) return;
      done();
    }
  }

  get lines(): string[] {
    return this.sent.map(({ topic, payload }) => `${topic} ${payload}`);
  }
}

function make(change: Partial<OutboxOptions> = {}) {
  const acked: number[] = [];
  const { log, lines } = collectingLog();
  const door = new Door(createGrowingMask([]), 'b');
  const outbox = new Outbox({ door, log, onAcked: (seq) => acked.push(seq), onStuck: () => {}, ...change });
  return { outbox, acked, lines };
}
const event = (seq: number, topics = ['e']) => ({ seq, topics, payload: `${seq}` });

describe('the outbox', () => {
  it('keeps the latest value of each topic while the broker is away, then sends states before events', () => {
    const { outbox } = make();
    outbox.event(event(1));
    for (let value = 0; value < 1000; value += 1) outbox.retain('a', `${value}`);
    outbox.retain('b', 'x');
    outbox.event(event(2));
    expect(outbox.figures()).toEqual({ queue: 4, dropped: 0 });
    const session = new FakeSession();
    outbox.connected(session);
    expect(session.lines).toEqual(['a 999', 'b x', 'e 1', 'e 2']);
    expect(session.sent.map(({ retain }) => retain)).toEqual([true, true, false, false]);
  });

  it('sends what stands there already again on a new connection only', () => {
    const { outbox } = make();
    const first = new FakeSession();
    outbox.connected(first);
    for (const value of ['1', '1', '2', '2']) outbox.retain('a', value);
    first.acknowledge();
    outbox.retain('a', '2');
    expect(first.lines).toEqual(['a 1', 'a 2']);
    const second = new FakeSession();
    outbox.connected(second);
    expect(second.lines).toEqual(['a 2']);
  });

  it('sends a state before the answer that was given after it, the latest value of it', () => {
    const { outbox } = make();
    const session = new FakeSession(1);
    outbox.connected(session);
    outbox.retain('busy', '1');
    outbox.retain('state', 'old');
    outbox.retain('state', 'new');
    outbox.once({ topic: 'answer', payload: 'ok', retain: false });
    outbox.retain('state', 'newest');
    while (session.inFlight > 0) session.acknowledge(1);
    expect(session.lines).toEqual(['busy 1', 'state newest', 'answer ok']);
  });

  it('keeps to the number of messages that the broker takes at once', () => {
    const { outbox } = make();
    const session = new FakeSession(3);
    outbox.connected(session);
    for (let seq = 1; seq <= 10; seq += 1) outbox.event(event(seq, ['e', 'f']));
    expect(session.inFlight).toBe(3);
    session.acknowledge(2);
    expect(session.inFlight).toBe(3);
    while (session.inFlight > 0) session.acknowledge();
    expect(session.sent).toHaveLength(20);
  });

  it('says up to which event the broker has all topics', () => {
    const { outbox, acked } = make();
    const session = new FakeSession();
    outbox.connected(session);
    for (const seq of [7, 8, 9]) outbox.event(event(seq, ['e', 'f']));
    session.acknowledge(1);
    expect(acked).toEqual([]);
    session.acknowledge(2);
    expect(acked).toEqual([7]);
    const next = new FakeSession();
    outbox.connected(next);
    session.acknowledge();
    expect(acked).toEqual([7]);
    expect(next.lines).toEqual(['e 8', 'f 8', 'e 9', 'f 9']);
    next.acknowledge();
    expect(acked).toEqual([7, 8, 9]);
  });

  it.each([
    ['count', { count: 3, bytes: 1e6 }],
    ['bytes', { count: 1e6, bytes: 3 }],
  ])('drops the oldest events when the bound on %s is reached, and counts them', (_what, eventLimits) => {
    const { outbox, acked } = make({ eventLimits });
    for (let seq = 1; seq <= 9; seq += 1) outbox.event(event(seq));
    expect(outbox.figures()).toEqual({ queue: 3, dropped: 6 });
    expect(acked.at(-1)).toBe(6);
    const session = new FakeSession();
    outbox.connected(session);
    expect(session.lines).toEqual(['e 7', 'e 8', 'e 9']);
  });

  it('drops no event of a burst while the broker is there, and keeps the bound again when it goes', () => {
    const { outbox } = make({ eventLimits: { count: 3, bytes: 1e6 } });
    const session = new FakeSession();
    outbox.connected(session);
    for (let seq = 1; seq <= 9; seq += 1) outbox.event(event(seq));
    expect(outbox.figures().dropped).toBe(0);
    expect(session.lines).toHaveLength(9);
    outbox.disconnected(false);
    expect(outbox.figures()).toEqual({ queue: 3, dropped: 6 });
  });

  it('says when the broker has a message for others, and when there is nobody to take it', () => {
    const { outbox } = make();
    const delivered: string[] = [];
    const send = (id: string) =>
      outbox.send({ topic: `rig2/${id}`, payload: id, retain: false }, () => delivered.push(id));
    expect(send('a')).toBe(false);
    const first = new FakeSession(1);
    outbox.connected(first);
    expect(first.sent).toEqual([]);
    expect([send('b'), send('c')]).toEqual([true, true]);
    first.acknowledge(1);
    expect(delivered).toEqual(['b']);
    expect(first.lines).toEqual(['rig2/b b', 'rig2/c c']);
    outbox.disconnected(true);
    first.acknowledge();
    const second = new FakeSession();
    outbox.connected(second);
    second.acknowledge();
    expect(second.sent).toEqual([]);
    expect(delivered).toEqual(['b']);
    expect(outbox.figures()).toEqual({ queue: 0, dropped: 0 });
  });

  it('drops answers while the broker is away', () => {
    const { outbox } = make();
    outbox.once({ topic: 'answer', payload: 'x', retain: false });
    const session = new FakeSession();
    outbox.connected(session);
    expect(session.sent).toEqual([]);
    expect(outbox.figures().dropped).toBe(1);
  });

  it('clears where something was published, also once the broker is back, and nowhere else', () => {
    const { outbox } = make();
    const first = new FakeSession();
    outbox.connected(first);
    outbox.retain('a', '1');
    outbox.clear('never');
    first.acknowledge();
    outbox.disconnected(false);
    outbox.clear('a');
    const second = new FakeSession();
    outbox.connected(second);
    expect(second.lines).toEqual(['a ']);
    second.acknowledge();
    const third = new FakeSession();
    outbox.connected(third);
    expect(third.sent).toEqual([]);
  });

  it('reaches a barrier when all before it is acknowledged', () => {
    const { outbox } = make();
    const session = new FakeSession();
    outbox.connected(session);
    outbox.retain('a', '1');
    const reached = vi.fn();
    outbox.barrier(reached);
    outbox.retain('b', '1');
    expect(reached).not.toHaveBeenCalled();
    expect(session.lines).toEqual(['a 1']);
    session.acknowledge();
    expect(reached).toHaveBeenCalledOnce();
    expect(session.lines).toEqual(['a 1', 'b 1']);
  });

  it('leaves out a message that is too large for the broker, with a word in the log', () => {
    const { outbox, acked, lines } = make();
    const session = new FakeSession();
    outbox.connected(session);
    outbox.event({ seq: 1, topics: ['e'], payload: 'x'.repeat(200_000) });
    outbox.event(event(2));
    session.acknowledge();
    expect(session.lines).toEqual(['e 2']);
    expect(acked).toEqual([1, 2]);
    expect(lines.join('')).toContain('too large');
  });

  /** A broker that cuts the connection at what is longer than so many characters, until no connection is cut any more. */
  function connections(outbox: Outbox, takes: (message: Publication) => boolean): FakeSession[] {
    const sessions: FakeSession[] = [];
    for (let cut = true; cut && sessions.length < 20; ) {
      const session = new FakeSession(1000, takes);
      sessions.push(session);
      outbox.connected(session);
      while (session.inFlight > 0 && !session.cut) session.acknowledge(1);
      cut = session.cut;
      if (cut) outbox.disconnected(true);
    }
    return sessions;
  }

  it('finds out what a broker does not take that only cuts the connection, and sends all else', () => {
    const { outbox, acked, lines } = make();
    for (let at = 1; at <= 300; at += 1) outbox.retain(`t${at}`, 'x'.repeat(at));
    outbox.event(event(1));
    outbox.event({ seq: 2, topics: ['e', 'f'], payload: 'y'.repeat(500) });
    outbox.event(event(3));
    const sessions = connections(outbox, ({ payload }) => payload.length <= 250);
    expect(sessions.length).toBeLessThanOrEqual(6);
    const last = sessions.at(-1)?.sent ?? [];
    expect(last.filter(({ retain }) => retain)).toHaveLength(250);
    expect(last.filter(({ retain }) => !retain).map(({ payload }) => payload)).toEqual(['1', '3']);
    expect(acked.at(-1)).toBe(3);
    expect(lines.filter((line) => line.includes('cuts the connection'))).toHaveLength(2);
    expect(lines.join('')).toContain('"topic":"t251"');
    // Each state and each topic of the event.
    expect(outbox.figures().dropped).toBe(52);
    outbox.retain('t300', 'smaller');
    expect(last.at(-1)).toEqual({ topic: 't300', payload: 'smaller', retain: true });
  });

  it('sets aside what a broker forbids by cutting the connection, nothing that is as large', () => {
    const { outbox } = make();
    for (let at = 1; at <= 50; at += 1) outbox.retain(`t${at}`, 'x'.repeat(at));
    const sessions = connections(outbox, ({ topic }) => topic !== 't10');
    expect(sessions.at(-1)?.sent.map(({ topic }) => topic)).not.toContain('t10');
    expect(sessions.at(-1)?.sent).toHaveLength(49);
  });

  it('blames nothing where a broker comes and goes', () => {
    const { outbox } = make();
    for (let at = 1; at <= 50; at += 1) outbox.retain(`t${at}`, 'x'.repeat(at));
    for (let round = 0; round < 20; round += 1) {
      const session = new FakeSession();
      outbox.connected(session);
      session.acknowledge(round * 2);
      outbox.disconnected(round % 5 !== 0);
    }
    const session = new FakeSession();
    outbox.connected(session);
    while (session.inFlight > 0) session.acknowledge();
    expect(session.sent).toHaveLength(50);
  });

  it('notices a broker that acknowledges nothing, not one that has nothing to acknowledge', () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const onStuck = vi.fn();
    const { outbox } = make({ onStuck, ackTimeoutMs: 1000 });
    const session = new FakeSession();
    outbox.connected(session);
    outbox.retain('a', '1');
    session.acknowledge();
    expect(vi.getTimerCount()).toBe(0);
    vi.advanceTimersByTime(5000);
    expect(onStuck).not.toHaveBeenCalled();
    outbox.retain('a', '2');
    vi.advanceTimersByTime(990);
    expect(onStuck).not.toHaveBeenCalled();
    vi.advanceTimersByTime(20);
    expect(onStuck).toHaveBeenCalledOnce();
  });
});
