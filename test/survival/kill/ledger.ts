import mqtt, { type MqttClient } from 'mqtt';
import * as z from 'zod';

const eventSchema = z.looseObject({
  id: z.string(),
  seq: z.number(),
  type: z.string(),
  job: z.string().nullable(),
  worker: z.string().nullable(),
  run: z.string().nullish(),
  name: z.string().optional(),
  stage: z.string().nullish(),
  percent: z.number().nullish(),
  result: z.string().optional(),
  plot: z.string().nullish(),
  file: z.string().optional(),
});
export type Told = z.infer<typeof eventSchema>;

/** All events that came over a broker which stays up, and what is retained there. */
export interface Ledger {
  /** Each event once, as they came first. */
  events: Told[];
  /** What is wrong with their ids and numbers. */
  faults: string[];
  repeats: number;
  retained: Map<string, string>;
  /** Calls back at each event, until the returned function is called. */
  watch(onEvent: (event: Told) => void): () => void;
  client: MqttClient;
}

export async function openLedger(url: string): Promise<Ledger> {
  const client = await mqtt.connectAsync(url, { protocolVersion: 5 });
  const bySeq = new Map<number, string>();
  const watchers = new Set<(event: Told) => void>();
  const ledger: Ledger = {
    events: [],
    faults: [],
    repeats: 0,
    retained: new Map(),
    client,
    watch: (onEvent) => {
      watchers.add(onEvent);
      return () => watchers.delete(onEvent);
    },
  };
  const receive = (event: Told) => {
    const before = bySeq.get(event.seq);
    if (before !== undefined) {
      ledger.repeats += 1;
      if (before !== event.id) ledger.faults.push(`event ${event.seq} is both ${before} and ${event.id}`);
      return;
    }
    const last = ledger.events.at(-1)?.seq ?? 0;
    if (event.seq !== last + 1) ledger.faults.push(`event ${event.seq} (${event.type}) came after ${last}`);
    bySeq.set(event.seq, event.id);
    ledger.events.push(event);
    for (const watcher of watchers) watcher(event);
  };
  client.on('message', (topic, payload) => {
    if (topic === 'plot2mqtt/event') receive(eventSchema.parse(JSON.parse(payload.toString())));
    else ledger.retained.set(topic, payload.toString());
  });
  const state = [
    'plot2mqtt/bridge/state',
    'plot2mqtt/bridge/stats',
    'plot2mqtt/job/+',
    'plot2mqtt/bridge/response/#',
  ];
  await client.subscribeAsync(['plot2mqtt/event', ...state], { qos: 1 });
  return ledger;
}
