import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { areInEachOther } from '../../../src/contract/topics.ts';
import { answerOf, instanceIn, keepsBaseTopic, requestOf } from '../../../src/mqtt/instances/words.ts';
import { startMosquitto } from '../../support/mosquitto.ts';
import { connectClient } from '../../support/mqtt-client.ts';
import { startProxy } from '../../support/proxy.ts';
import { startDaemon } from './support/fixture.ts';

const until = (check: () => void) => vi.waitFor(check, { timeout: 15_000, interval: 20 });
const who = (run: string, online_s: number | null) => ({ instance: 'i', run, base_topic: 'b', online_s });

describe('of two daemons on one base topic', () => {
  it.each([
    ['the one that was online earlier', who('z', 100), who('a', 50)],
    ['the one that was online at all', who('z', 0), who('a', null)],
    ['of two within a second the one with the lesser name', who('a', 5), who('z', 5.4)],
    ['of two that were not online the same', who('a', null), who('z', null)],
  ])('%s keeps it, whoever asks', (_name, one, other) => {
    expect(keepsBaseTopic(one, other)).toBe(true);
    expect(keepsBaseTopic(other, one)).toBe(false);
  });

  it('one of version 1 keeps it: it knows no other way', () => {
    expect(keepsBaseTopic('version 1', who('a', 1e6))).toBe(true);
  });
});

describe('what daemons tell each other', () => {
  it('has a run in it, which tells it from what people ask', () => {
    const asker = who('a', 3);
    expect(requestOf(JSON.stringify({ ...asker, transaction: 't' }))).toEqual({ asker, transaction: 't' });
    for (const text of ['', '{}', '{"transaction":"t"}', 'ON', '[1]', JSON.stringify(asker)])
      expect(requestOf(text)).toBeUndefined();
  });

  it('is an answer of version 1 where it refuses, none where it says nothing that fits', () => {
    const data = who('a', 3);
    expect(answerOf(JSON.stringify({ status: 'ok', data, transaction: 't' }))).toEqual({
      transaction: 't',
      from: data,
    });
    expect(answerOf('{"status":"error","error":{},"transaction":"t"}')).toEqual({
      transaction: 't',
      from: 'version 1',
    });
    for (const text of [
      '',
      'x',
      '{"status":"ok","transaction":"t"}',
      '{"status":"error"}',
      '{"transaction":5}',
    ])
      expect(answerOf(text)).toBeUndefined();
  });

  it('is not what other programs say on such topics', () => {
    expect(instanceIn('{"instance":"abc","contract":2}')).toBe('abc');
    for (const text of ['', '{"version":"2.1.0","commit":"x"}', '{"instance":"abc"}', 'null'])
      expect(instanceIn(text)).toBeUndefined();
  });
});

it.each([
  ['a', 'a', true],
  ['a', 'a/b', true],
  ['a/b/c', 'a', true],
  ['a', 'ab', false],
  ['a/b', 'a/c', false],
])('%s and %s: one lies in the other, %s', (one, other, wanted) => {
  expect(areInEachOther(one, other)).toBe(wanted);
});

describe.each(['auto', 4] as const)('two daemons on one broker, in version %s', (version) => {
  it('the later one steps back, and what it had overwritten is put right', async () => {
    const broker = await startMosquitto();
    onTestFinished(() => broker.stop());
    const external = { external: { url: broker.url } };
    const wire = await startProxy(broker.port);
    onTestFinished(() => wire.close());
    const behind = { external: { url: `mqtt://127.0.0.1:${wire.port}` } };
    const one = await startDaemon(behind, { version, instance: () => 'one' });
    onTestFinished(() => one.service.stop());
    one.state.set('mine', { plots_done: 1 });
    one.service.ready();
    const client = await connectClient(broker.url, ['b/#', 'c/#']);
    onTestFinished(() => client.end());
    await until(() => expect(client.last('b/bridge/state')).toBe('online'));
    await one.service.begun;
    // Another one comes that sees and hears nothing of the first: that is on a bridge that hangs, say.
    wire.hold();
    await client.publish('b/bridge/state', '', { retain: true });
    const two = await startDaemon(external, { version, instance: () => 'two' });
    onTestFinished(() => two.service.stop());
    two.state.set('mine', { plots_done: 5 });
    // It isn't online yet, which makes it the later one, however slow this machine is.
    await two.service.begun;
    await client.publish('b/job/mine/plots_done', '77', { retain: true });
    wire.letGo();
    await until(() => expect(two.service.stats().steppedBack).toContain('mqtt.base_topic'));
    expect(two.lines.join('')).toContain('asks again each minute');
    await until(() => expect(client.last('b/job/mine/plots_done')).toBe('1'));
    expect(client.on('b/bridge/state')).not.toContain('offline');
    expect(one.service.stats().steppedBack).toBeNull();
  });
});

it('a daemon on the broker inside another one steps back from nobody who came later', async () => {
  const one = await startDaemon(
    { embedded: { listen: { host: '127.0.0.1', port: 0 } } },
    { instance: () => 'one' },
  );
  onTestFinished(() => one.service.stop());
  one.service.ready();
  await one.service.begun;
  const url = `mqtt://127.0.0.1:${one.service.port}`;
  const client = await connectClient(url, ['b/#']);
  onTestFinished(() => client.end());
  await until(() => expect(client.last('b/bridge/state')).toBe('online'));
  const two = await startDaemon({ external: { url } }, { instance: () => 'two' });
  onTestFinished(() => two.service.stop());
  await expect(two.service.begun).rejects.toThrow('mqtt.base_topic');
  expect(one.service.stats().steppedBack).toBeNull();
});
