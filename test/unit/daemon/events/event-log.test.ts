import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { createGrowingMask } from '../../../../src/config/mask.ts';
import { answerEvents } from '../../../../src/daemon/events/follow-events.ts';
import { EventLog } from '../../../../src/daemon/events/event-log.ts';
import type { KeptEvent } from '../../../../src/engine/model/kept-event.ts';
import { temporaryDirectory } from '../../../support/directory.ts';

const SECRETS = createGrowingMask(['hush-hush']);

function open(path = join(temporaryDirectory(), 'events.jsonl'), unacked: KeptEvent[] = []) {
  const log = pino({ level: 'silent' });
  const events = new EventLog({ path, secrets: SECRETS, storage: () => 'ok', log });
  events.start(unacked);
  onTestFinished(() => events.stop());
  return { events, path };
}

const NOW = Date.now();
function event(seq: number, keys: Partial<KeptEvent> & Record<string, unknown> = {}): KeptEvent {
  const at = new Date(NOW + seq).toISOString();
  const type = 'event_fired';
  return { id: `e${seq}`, seq, at, type, event_type: type, job: null, slot: null, worker: null, ...keys };
}

const seqsIn = (path: string) =>
  readFileSync(path, 'utf8')
    .split('\n')
    // One may be torn.
    .filter((line) => line.endsWith('}'))
    .map((line) => JSON.parse(line).seq);

test('what a killed daemon has not written is added, and nothing twice', async () => {
  const { events, path } = open();
  events.take([event(1), event(2)]);
  events.stop();
  // It was killed in the middle of a line.
  appendFileSync(path, JSON.stringify(event(3)).slice(0, 20));
  const next = open(path, [event(1), event(2), event(3), event(4, { type: 'progress' }), event(5)]);
  next.events.take([event(6)]);
  next.events.stop();
  expect(seqsIn(path)).toEqual([1, 2, 3, 5, 6]);
});

test('events of 14 days are kept, without secrets but for names of files', async () => {
  const { events, path } = open();
  const old = new Date(NOW - 15 * 86_400_000).toISOString();
  events.take([event(1, { at: old }), event(2, { error: 'hush-hush', plot: '/hush-hush/a.plot' })]);
  await turn();
  expect(seqsIn(path)).toEqual([1, 2]);
  const next = open(path);
  await expect.poll(() => seqsIn(path)).toEqual([2]);
  next.events.stop();
  expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ error: '***', plot: '/hush-hush/a.plot' });
});

test('who follows gets what was, then what comes, of a job or of all, hidden', async () => {
  const { events } = open();
  const state = { jobs: new Map() };
  events.take([event(1, { job: 'a' }), event(2, { job: 'b' })]);
  const closed = new AbortController();
  const request = { type: 'events', job: 'a', since: new Date(NOW).toISOString() };
  const answers = answerEvents({ events, state, secrets: SECRETS }, request, closed.signal);
  if (!(Symbol.asyncIterator in answers)) throw new Error(answers.message);
  events.take([event(3, { job: 'a', error: 'hush-hush' }), event(4, { job: 'b' })]);
  const got: unknown[] = [];
  for await (const answer of answers) {
    got.push(answer);
    if (got.length === 3) events.take([event(5, { job: 'a', type: 'progress' })]);
    if (got.length === 4) closed.abort();
  }
  expect(got).toMatchObject([
    { type: 'events' },
    { event: { seq: 1 } },
    { event: { seq: 3, error: '***' } },
    { event: { seq: 5 } },
  ]);
  expect(
    answerEvents({ events, state, secrets: SECRETS }, { type: 'events', job: 'x' }, closed.signal),
  ).toEqual({
    ...{ type: 'error', code: 'unknown_job', message: "there is no job 'x'" },
  });
  expect(
    answerEvents({ events, state, secrets: SECRETS }, { type: 'events', since: 'now' }, closed.signal),
  ).toMatchObject({
    code: 'invalid_payload',
  });
});

test('who does not read is let go, and costs no more', async () => {
  const { events } = open();
  const live = events.follow(new AbortController().signal);
  events.take(Array.from({ length: 50_001 }, (_, seq) => event(seq, { type: 'progress' })));
  await expect(live[Symbol.asyncIterator]().next()).rejects.toThrow('not read');
});
