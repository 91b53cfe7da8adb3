import { beforeEach, describe, expect, it, vi } from 'vitest';
import { RemoteFires } from '../../../../src/daemon/effects/remote-fires.ts';
import type { Message } from '../../../../src/mqtt/connection/session.ts';
import { collectingLog } from '../../mqtt/support/fixture.ts';

beforeEach(() => {
  vi.useFakeTimers();
  return () => void vi.useRealTimers();
});

/** A broker, and what its other clients say on it. */
class FakeMqtt {
  readonly sent: string[] = [];
  readonly handlers = new Map<string, (message: Message) => void>();
  readonly #acknowledge: (() => void)[] = [];
  #isThere = false;
  #connected = () => {};

  send(topic: string, payload: string, done: () => void): boolean {
    if (!this.#isThere) return false;
    this.sent.push(`${topic} ${JSON.parse(payload).transaction}`);
    this.#acknowledge.push(done);
    return true;
  }

  sub(filter: string, handler: (message: Message) => void): void {
    this.handlers.set(filter, handler);
  }

  onConnected(callback: () => void): void {
    this.#connected = callback;
  }

  connect(): void {
    this.#isThere = true;
    this.#acknowledge.length = 0;
    this.#connected();
  }

  lose(): void {
    this.#isThere = false;
  }

  acknowledge(): void {
    for (const done of this.#acknowledge.splice(0)) done();
  }

  says(base: string, text: string, retained = false): void {
    const topic = `${base}/bridge/state`;
    const properties = { responseTopic: undefined, correlationData: undefined };
    this.handlers.get(topic)?.({ topic, payload: Buffer.from(text), retained, ...properties });
  }
}

function make() {
  const mqtt = new FakeMqtt();
  const delivered: string[] = [];
  const { log } = collectingLog();
  const fires = new RemoteFires({ mqtt, delivered: (id) => delivered.push(id), log });
  return { mqtt, delivered, fire: (id: string) => fires.fire(id, { name: 'next', target: 'rig2' }), fires };
}

describe('named events for another daemon', () => {
  it('go out once that one is known to be online, and are delivered when the broker has them', () => {
    const { mqtt, delivered, fire } = make();
    mqtt.connect();
    fire('a');
    expect(mqtt.sent).toEqual([]);
    mqtt.says('rig2', 'online', true);
    expect(mqtt.sent).toEqual(['rig2/fire/next a']);
    fire('b');
    expect(mqtt.sent).toEqual(['rig2/fire/next a', 'rig2/fire/next b']);
    expect(delivered).toEqual([]);
    mqtt.acknowledge();
    expect(delivered).toEqual(['a', 'b']);
  });

  it('go out a moment later to whoever is no daemon', () => {
    const { mqtt, fire } = make();
    mqtt.connect();
    fire('a');
    vi.advanceTimersByTime(2_000);
    fire('b');
    expect(mqtt.sent).toEqual(['rig2/fire/next a', 'rig2/fire/next b']);
  });

  it('wait while that one is offline, in order', () => {
    const { mqtt, fire } = make();
    mqtt.connect();
    fire('a');
    mqtt.says('rig2', 'offline', true);
    vi.advanceTimersByTime(60_000);
    fire('b');
    expect(mqtt.sent).toEqual([]);
    mqtt.says('rig2', 'online');
    expect(mqtt.sent).toEqual(['rig2/fire/next a', 'rig2/fire/next b']);
  });

  it('of an earlier connection go again, once that one is back too, whatever it has left at the broker', () => {
    const { mqtt, delivered, fire } = make();
    mqtt.connect();
    fire('a');
    mqtt.says('rig2', 'online', true);
    mqtt.lose();
    fire('b');
    mqtt.connect();
    mqtt.says('rig2', 'online', true);
    expect(mqtt.sent).toEqual(['rig2/fire/next a']);
    mqtt.says('rig2', 'online');
    expect(mqtt.sent.slice(1)).toEqual(['rig2/fire/next a', 'rig2/fire/next b']);
    mqtt.acknowledge();
    mqtt.connect();
    mqtt.says('rig2', 'online');
    expect(mqtt.sent).toHaveLength(3);
    expect(delivered).toEqual(['a', 'b']);
  });

  it('go at last where nothing is said on the new connection, and not where that one is offline', () => {
    const { mqtt, fire } = make();
    fire('a');
    mqtt.connect();
    vi.advanceTimersByTime(7_999);
    expect(mqtt.sent).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(mqtt.sent).toEqual(['rig2/fire/next a']);
    mqtt.connect();
    mqtt.says('rig2', 'offline', true);
    vi.advanceTimersByTime(8_000);
    expect(mqtt.sent).toHaveLength(1);
  });

  it('aren’t sent once they are given up', () => {
    const { mqtt, fire, fires } = make();
    fire('a');
    fires.fire('a', null);
    mqtt.connect();
    mqtt.says('rig2', 'online');
    vi.advanceTimersByTime(60_000);
    expect(mqtt.sent).toEqual([]);
    fires.stop();
    expect(vi.getTimerCount()).toBe(0);
  });
});
