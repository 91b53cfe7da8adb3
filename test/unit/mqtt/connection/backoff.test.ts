import { describe, expect, it } from 'vitest';
import { Backoff } from '../../../../src/mqtt/connection/backoff.ts';
import { refusalOf } from '../../../../src/mqtt/connection/refusals.ts';

describe('the back-off', () => {
  it.each([
    ['away', [1000, 2000, 2000, 2000, 2000]],
    ['lost', [1000, 2000, 4000, 4000, 4000]],
    ['refused', [1000, 2000, 4000, 8000, 10_000]],
  ] as const)(
    'doubles from one second to its bound where the broker is %s, and begins anew',
    (trouble, wanted) => {
      const backoff = new Backoff(() => 1);
      expect(wanted.map(() => backoff.next(trouble))).toEqual(wanted);
      backoff.reset();
      expect(backoff.next(trouble)).toBe(1000);
    },
  );

  it('leaves half of each pause to chance', () => {
    expect(new Backoff(() => 0).next('away')).toBe(500);
  });

  it('is soon back where the broker was away for a day', () => {
    const backoff = new Backoff(() => 1);
    for (let attempt = 0; attempt < 40_000; attempt += 1) backoff.next('away');
    expect(backoff.next('away')).toBe(2000);
    expect(backoff.next('refused')).toBe(10_000);
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

  it.each([
    [coded(4), false],
    [coded(0x88), false],
    [coded('CERT_HAS_EXPIRED'), false],
    [coded('ECONNREFUSED'), true],
    [coded('EAI_AGAIN'), true],
    [new Error('connack timeout'), true],
    [new Error('Unexpected server response: 502'), true],
    [undefined, true],
  ])('tells who is away from who refuses: %s', (error, away) => {
    expect(refusalOf(error).away).toBe(away);
  });
});
