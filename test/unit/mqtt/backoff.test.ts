import { describe, expect, it } from 'vitest';
import { Backoff } from '../../../src/mqtt/backoff.ts';
import { refusalOf } from '../../../src/mqtt/refusals.ts';

describe('the back-off', () => {
  it('doubles from one second to a minute, and begins anew', () => {
    const backoff = new Backoff(() => 1);
    const pauses = Array.from({ length: 8 }, () => backoff.next());
    expect(pauses).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
    backoff.reset();
    expect(backoff.next()).toBe(1000);
  });

  it('leaves half of each pause to chance', () => {
    expect(new Backoff(() => 0).next()).toBe(500);
  });
});

describe('a refusal', () => {
  const coded = (code: number | string) => Object.assign(new Error('raw'), { code });
  it.each([
    [coded(4), 'it refuses: wrong user or password (mqtt.username, mqtt.password)', 'fine'],
    [coded(0x86), 'it refuses: wrong user or password (mqtt.username, mqtt.password)', 'fine'],
    [coded(5), 'it refuses: this user may not connect (mqtt.username, mqtt.password)', 'fine'],
    [coded(0x84), 'it refuses: it does not speak this version of MQTT', 'refused'],
    [coded(1), 'it refuses: it does not speak this version of MQTT', 'refused'],
    [coded(0xf0), 'it refuses: reason code 240', 'fine'],
    [coded('ECONNREFUSED'), 'nothing listens there', 'fine'],
    [coded('CERT_HAS_EXPIRED'), 'the broker’s certificate has expired', 'fine'],
    [coded('ECONNRESET'), 'the connection was reset', 'maybe'],
    [coded('EWHATEVER'), 'raw', 'fine'],
    [new Error('connack timeout'), 'no answer', 'fine'],
    [undefined, 'it closed the connection before it answered', 'maybe'],
  ])('%s', (error, text, version) => {
    expect(refusalOf(error)).toMatchObject({ text, version });
  });
});
