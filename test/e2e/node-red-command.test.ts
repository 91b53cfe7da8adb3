import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import * as z from 'zod';
import { BROKERS, startDaemon } from '../support/e2e/daemon.ts';
import { ENDLESS } from '../support/e2e/plotters.ts';
import { type FlowNode, readFlows, setUp } from '../support/node-red/flows.ts';
import { NodeRed } from '../support/node-red/node-red.ts';

const FLOWS = join(import.meta.dirname, '../../homeassistant/node-red/flows.json');
const told = z.object({
  payload: z.unknown(),
  from: z.string(),
  answer: z.looseObject({ status: z.string() }),
});

/** Nodes around the subflow: what the test publishes on `flow/in` goes in, each output comes out on a topic. */
function around(): FlowNode[] {
  const z = 'p2m-tab';
  const common = { z, broker: 'p2m-broker', qos: '1', x: 0, y: 0 };
  const out = (id: string) => ({ ...common, id, type: 'mqtt out', topic: '', retain: 'false', wires: [] });
  const say = (id: string, topic: string) => ({
    ...{ id, type: 'function', z, outputs: 1, libs: [], x: 0, y: 0, wires: [['t-out']] },
    func: `return { topic: '${topic}', payload: JSON.stringify({ payload: msg.payload, from: msg.from, answer: msg.answer }) };`,
  });
  return [
    {
      ...{ ...common, id: 't-in', type: 'mqtt in', topic: 'flow/in', datatype: 'json', rap: true, rh: 0 },
      ...{ inputs: 0, wires: [['t-message']] },
    },
    {
      ...{ id: 't-message', type: 'function', z, outputs: 1, libs: [], x: 0, y: 0, wires: [['t-command']] },
      func: 'return { ...msg.payload, retain: true };',
    },
    {
      ...{ id: 't-command', type: 'subflow:p2m-command', z, x: 0, y: 0 },
      env: [{ name: 'TIMEOUT', value: '3', type: 'num' }],
      wires: [['t-done'], ['t-refused']],
    },
    say('t-done', 'flow/done'),
    say('t-refused', 'flow/refused'),
    out('t-out'),
  ];
}

test.each(BROKERS.flatMap((broker) => (['4', '5'] as const).map((version) => ({ broker, version }))))(
  'the subflow sends, waits for the answer and says which it was, $broker broker, MQTT $version',
  async ({ broker, version }) => {
    const daemon = await startDaemon({ broker, config: { jobs: { demo: { ...ENDLESS, max_workers: 2 } } } });
    const { bus } = daemon;
    const nodeRed = await NodeRed.start();
    onTestFinished(() => nodeRed.stop());
    const flows = [...(await readFlows(FLOWS)), ...around()];
    await nodeRed.deploy(setUp(flows, daemon.url, { protocolVersion: version }));
    const send = (message: object) => bus.client.publishAsync('flow/in', JSON.stringify(message), { qos: 1 });
    const said = (topic: string) =>
      bus.messages.filter((each) => each.topic === topic).map(({ text }) => told.parse(JSON.parse(text)));
    const answer = (topic: string, from: string) =>
      bus.until(`${from} on ${topic}`, () => said(topic).find((each) => each.from === from));

    // A value, nothing, an object; with the base topic too.
    await send({ topic: 'job/demo/set/max_workers', payload: 1, from: 'value' });
    expect(await answer('flow/done', 'value')).toMatchObject({ answer: { status: 'ok' } });
    await send({ topic: 'plot2mqtt/job/demo/do/start', payload: '', from: 'nothing' });
    expect(await answer('flow/done', 'nothing')).toMatchObject({ payload: { workers: [{ slot: 1 }] } });
    await send({ topic: 'bridge/request/job/get', payload: { id: 'demo' }, from: 'object' });
    expect(await answer('flow/done', 'object')).toMatchObject({ payload: { job: { max_workers: 1 } } });

    // Two at once, of which one is refused, and one of somebody else at that moment.
    await Promise.all([
      send({ topic: 'job/demo/do/start', payload: 1, from: 'refused' }),
      bus.command('job/demo/do/start', {}),
      send({ topic: 'job/demo/set/paused', payload: true, from: 'beside' }),
    ]);
    expect(await answer('flow/refused', 'refused')).toMatchObject({ payload: { code: 'limit_reached' } });
    expect(await answer('flow/done', 'beside')).toMatchObject({ answer: { status: 'ok' } });
    await bus.shows('job/demo', { paused: true });

    // No answer: the second output, once, and a daemon that comes later changes nothing.
    if (broker === 'mosquitto') {
      await daemon.stop();
      await send({ topic: 'job/demo/set/paused', payload: false, from: 'nobody' });
      expect(await answer('flow/refused', 'nobody')).toMatchObject({ payload: { code: 'no_answer' } });
      await daemon.start();
      expect(said('flow/refused').map(({ from }) => from)).toEqual(['refused', 'nobody']);
    }
    expect(said('flow/done').map(({ from }) => from)).toEqual(['value', 'nothing', 'object', 'beside']);
    // None of them was retained: retained commands are refused.
    expect(bus.messages.filter(({ topic, retain }) => retain && /\/(do|set)\//.test(topic))).toEqual([]);
    expect(nodeRed.sinceDeploy()).not.toMatch(/\[(error|warn)\]/);
  },
);
