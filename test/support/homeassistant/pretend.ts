import { connectAsync, type MqttClient } from 'mqtt';
import { onTestFinished } from 'vitest';
import * as z from 'zod';
import { shownHolds } from '../../../src/homeassistant/entities/bridge.ts';
import type { Document } from '../../../src/homeassistant/device-document.ts';
import {
  bridgeDocument,
  jobDocument,
  moveDocument,
  workerDocument,
} from '../../../src/homeassistant/documents.ts';
import { endedOf } from '../farm/ended.ts';
import { PHASES } from '../farm/story.ts';
import type { Told } from '../farm/views.ts';

/** All that a daemon of this farm has on its topics. */
export function standing(told: Told): Map<string, object> {
  const { story, jobViews, workerViews, moveViews, farm, stats, host, filesystems, now } = told;
  const below = (topic: string) => `${story.base}/${topic}`;
  return new Map<string, object>([
    [below('farm'), farm],
    [below('bridge/stats'), stats],
    [below('host'), host],
    [below('host/filesystems'), { filesystems }],
    [
      below('bridge/health'),
      {
        ...{ uptime_s: 1_036_800, started_at: new Date(now - 1_036_800_000).toISOString(), rss_mib: 74.2 },
        ...{ event_loop_lag_ms: 1, workers: stats.workers, mqtt_queue: 0, mqtt_dropped: 0, storage: 'ok' },
      },
    ],
    ...[...jobViews].map(([id, view]): [string, object] => [below(`job/${id}`), view]),
    ...[...workerViews].flatMap(([id, slots]) =>
      [...slots].map(([slot, view]): [string, object] => [below(`job/${id}/worker/${slot}`), view]),
    ),
    ...[...moveViews].map(([id, view]): [string, object] => [below(`move/${id}`), view]),
  ]);
}

/** The daemon's own documents of it. */
function documentsOf({ story, jobViews, workerViews, filesystems }: Told): Document[] {
  const frame = { prefix: 'homeassistant', base: story.base, instance: `${story.base}id`, version: '0.2.0' };
  const holds = shownHolds(new Map(Object.entries(story.holds).map(([name, title]) => [name, { title }])));
  const paths = [...filesystems.map(({ path }) => path), ...(story.disks?.away ?? [])];
  return [
    bridgeDocument(frame, { holds, fileSystems: paths.map((path) => ({ path, shown: path, nth: 0 })) }),
    ...story.jobs.flatMap(({ id, title }) => {
      const look = { title, limited: (jobViews.get(id)?.max_workers ?? 0) > 0, phases: PHASES };
      const slots = [...(workerViews.get(id)?.keys() ?? [])];
      return [jobDocument(frame, id, look), ...slots.map((slot) => workerDocument(frame, id, look, slot))];
    }),
    ...story.moves.map(({ id, title }) => moveDocument(frame, id, title)),
  ];
}

/**
 * Publishes a farm that never was as a daemon does: to Home Assistant and to Node-RED it is there as any other, without
 * days of plotting.
 */
export async function pretend(told: Told, url: string): Promise<MqttClient> {
  const client = await connectAsync(url);
  onTestFinished(async () => client.endAsync());
  const send = (topic: string, payload: string) =>
    client.publishAsync(topic, payload, { qos: 1, retain: true });
  await send(`${told.story.base}/bridge/state`, 'online');
  for (const document of documentsOf(told)) await send(document.topic, document.payload(true));
  for (const [topic, view] of standing(told)) await send(topic, JSON.stringify(view));
  return client;
}

/** Answers who asks for workers that have ended, as a daemon does. */
export async function answerHistory(client: MqttClient, told: Told): Promise<void> {
  const { base } = told.story;
  client.on('message', (_topic, payload) => {
    const { limit, transaction } = requestShape.parse(JSON.parse(payload.toString()));
    const plots = endedOf(told);
    const data = { plots: plots.slice(-limit), total: plots.length };
    client.publish(`${base}/bridge/response/history`, JSON.stringify({ status: 'ok', data, transaction }));
  });
  await client.subscribeAsync(`${base}/bridge/request/history`, { qos: 1 });
}

const requestShape = z.looseObject({ limit: z.int(), transaction: z.string() });
