import type { Document } from '../../../src/homeassistant/device-document.ts';
import { deviceId, discoveryTopic, type Subject } from '../../../src/homeassistant/ids.ts';
import { PublishPlan } from '../../../src/homeassistant/publish-plan.ts';

export const topicOf = (subject: Subject) => discoveryTopic('ha', deviceId('i', subject));
export const BRIDGE = topicOf({ kind: 'bridge' });
export const JOB = topicOf({ kind: 'job', job: 'j' });
export const WORKER = topicOf({ kind: 'worker', job: 'j', slot: 1 });

export function doc(
  topic: string,
  text = '',
  components: Record<string, string> = { a: 'sensor' },
): Document {
  return {
    topic,
    components,
    payload: (linked) =>
      JSON.stringify({
        text,
        linked,
        components: Object.fromEntries(
          Object.entries(components).map(([key, platform]) => [key, { platform, unique_id: key }]),
        ),
      }),
  };
}

/** The rules with a clock of the test's own; confirmations come at once unless they are held. */
export function rules() {
  const plan = new PublishPlan();
  const out: { at: number; topic: string; payload: string; again: boolean }[] = [];
  const unconfirmed: string[] = [];
  let now = 0;
  const look = () => {
    const { steps, next } = plan.take(now);
    for (const { topic, payload, again, confirm } of steps) {
      out.push({ at: now, topic, payload, again });
      if (confirm) unconfirmed.push(topic);
    }
    return next;
  };
  const confirm = () => {
    for (const topic of unconfirmed.splice(0)) plan.confirmed(topic, now);
    return look();
  };
  return {
    plan,
    out,
    look,
    confirm,
    /** Lets time pass, waking up when it is asked for, and confirming. */
    run(ms: number) {
      const end = now + ms;
      for (;;) {
        look();
        const next = unconfirmed.length > 0 ? confirm() : look();
        if (next === null || next > end) break;
        now = next;
      }
      now = end;
    },
    texts: (topic: string) =>
      out
        .filter((step) => step.topic === topic)
        .map(({ payload }) => (payload ? JSON.parse(payload).text : '')),
    topics: () =>
      out.map(({ topic, payload }) => `${payload ? '+' : '-'}${topic.split('__').slice(2).join('.')}`),
    take: () => out.splice(0),
  };
}

export const ORDER = { bridge: '+bridge/config', job: '+job.j/config', worker: '+job.j.worker.1/config' };
