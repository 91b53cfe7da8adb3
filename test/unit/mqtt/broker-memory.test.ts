import { expect, test } from 'vitest';
import { LIMITS } from '../../../src/mqtt/broker/limits.ts';
import { BrokerMemory } from '../../../src/mqtt/broker/memory.ts';

test.each(['a', '#'])(
  'what is retained is read when it is sent, not when it is looked up (%s)',
  async (filter) => {
    const memory = new BrokerMemory(LIMITS);
    const retain = (payload: string) => memory.storeRetained({ topic: 'a', payload: Buffer.from(payload) });
    await retain('old');
    const sent: string[] = [];
    for await (const packet of memory.createRetainedStreamCombi([filter])) {
      // Published while the message waits in the stream: the subscriber has it already.
      await retain('new');
      sent.push(`${packet.topic} ${packet.payload}`);
      await retain('');
      sent.push(`${packet.payload}`);
    }
    expect(sent).toEqual(['a new', '']);
  },
);
