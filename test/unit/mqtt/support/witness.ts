import { afterAll, beforeAll, expect, vi } from 'vitest';
import { type EmbeddedBroker, startBroker } from '../../../../src/mqtt/broker/broker.ts';
import { connectClient, type TestClient } from '../../../support/mqtt-client.ts';
import { collectingLog } from './fixture.ts';

/** An embedded broker for all tests of a file, and a client that knows whether it still serves. */
export interface Witnessed {
  readonly port: number;
  /** A connection of the daemon's own kind, within the process. */
  connect(): ReturnType<EmbeddedBroker['connect']>;
  /** The process lives (an exception nobody caught fails the run), and another client is served. */
  isServed(): Promise<void>;
}

export function witnessedBroker(): Witnessed {
  let broker: EmbeddedBroker;
  let witness: TestClient;
  let rounds = 0;
  beforeAll(async () => {
    broker = await startBroker({ listen: { host: '127.0.0.1', port: 0 }, log: collectingLog().log });
    witness = await connectClient(`mqtt://127.0.0.1:${broker.port}`, ['witness']);
  });
  afterAll(async () => {
    await witness.end();
    await broker.close();
  });
  return {
    get port() {
      return broker.port;
    },
    connect: () => broker.connect(),
    async isServed() {
      rounds += 1;
      const text = `round ${rounds}`;
      await witness.publish('witness', text);
      await vi.waitFor(() => expect(witness.last('witness')).toBe(text), { timeout: 10_000 });
    },
  };
}
