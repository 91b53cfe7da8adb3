import { describe, expect, it } from 'vitest';
import type { Command } from '../../../../src/contract/commands.ts';
import { commandOf } from '../../../../src/mqtt/commands/command-table.ts';
import { MAX_PAYLOAD_BYTES, readPayload } from '../../../../src/mqtt/commands/payloads.ts';

const read = (rest: string, payload: string | Buffer): Command =>
  commandOf(rest)(readPayload(Buffer.from(payload)));
const refusal = (rest: string, payload: string | Buffer) => {
  try {
    return read(rest, payload);
  } catch (error) {
    return error instanceof Error && 'refusal' in error ? error.refusal : error;
  }
};
const hold = (job: string | null, wanted: object) => ({ type: 'set_hold', job, name: 'price', wanted });
const PRICE = { reason: '31', for_s: 90 };
const set = (settings: object) => ({ type: 'set', job: 'nightly', settings });

describe('what is understood', () => {
  it.each([
    ['job/nightly/set/enabled', 'ON', set({ enabled: true })],
    ['job/nightly/set/enabled', 'off', set({ enabled: false })],
    ['job/nightly/set/enabled', 'True', set({ enabled: true })],
    ['job/nightly/set/enabled', ' FALSE\n', set({ enabled: false })],
    ['job/nightly/set/enabled', '1', set({ enabled: true })],
    ['job/nightly/set/emit_events', '0', set({ emit_events: false })],
    ['job/nightly/set/paused', '{"value":true}', set({ paused: true })],
    ['job/nightly/set/paused', '{"value":"Off","transaction":7}', set({ paused: false })],
    ['job/nightly/set/paused', '{"value":1}', set({ paused: true })],
    ['job/nightly/set/max_workers', '3', set({ max_workers: 3 })],
    ['job/nightly/set/max_workers', '3.0', set({ max_workers: 3 })],
    ['job/nightly/set/max_workers', '{"value":0}', set({ max_workers: 0 })],
    ['job/nightly/set/max_workers', 'default', set({ max_workers: 'default' })],
    ['job/nightly/set/enabled', '{"value":" Default "}', set({ enabled: 'default' })],
    ['job/nightly/set/paused', 'default', set({ paused: false })],
    ['farm/set/max_workers', 'default', { type: 'set_farm', max_workers: 1000 }],
    ['job/nightly/set/plots_to_do', '1000000', set({ plots_to_do: 1_000_000 })],
    [
      'job/nightly/set',
      '{"enabled":"ON","max_workers":2,"transaction":"t"}',
      set({ enabled: true, max_workers: 2 }),
    ],
    ['job/nightly/do/start', '', { type: 'start', job: 'nightly', workers: 1 }],
    ['job/nightly/do/start', '{}', { type: 'start', job: 'nightly', workers: 1 }],
    ['job/nightly/do/start', '{"transaction":"t"}', { type: 'start', job: 'nightly', workers: 1 }],
    ['job/nightly/do/start', '{"value":null}', { type: 'start', job: 'nightly', workers: 1 }],
    ['job/nightly/do/start', 'null', { type: 'start', job: 'nightly', workers: 1 }],
    ['job/nightly/do/start', '12', { type: 'start', job: 'nightly', workers: 12 }],
    ['job/nightly/do/start', '{"value":"2"}', { type: 'start', job: 'nightly', workers: 2 }],
    ['job/nightly/do/reset', 'PRESS', { type: 'reset', job: 'nightly' }],
    ['job/nightly/do/start', '1000000', { type: 'start', job: 'nightly', workers: 1000 }],
    ['job/nightly/do/reset', '[1', { type: 'reset', job: 'nightly' }],
    ['job/nightly/do/reset', '{"transaction":', { type: 'reset', job: 'nightly' }],
    ['bridge/request/job/list', '{', { type: 'list_jobs' }],
    ['job/nightly/do/dismiss', '{"transaction":1,"more":2}', { type: 'dismiss_job', job: 'nightly' }],
    ['job/nightly/worker/3/do/dismiss', '', { type: 'dismiss_worker', job: 'nightly', slot: 3 }],
    [
      'job/nightly/worker/3/set/paused',
      'on',
      { type: 'pause_worker', job: 'nightly', slot: 3, paused: true },
    ],
    ['farm/hold/price', 'ON', hold(null, {})],
    ['farm/hold/price', 'off', { type: 'release_hold', job: null, name: 'price' }],
    ['farm/hold/price', '{"value":"1","transaction":7}', hold(null, {})],
    ['farm/hold/price', '{"value":0,"for":"2h"}', { type: 'release_hold', job: null, name: 'price' }],
    [
      'farm/hold/price',
      '{"value":true,"kind":"no_starts","moves":"ON","reason":"31 ct/kWh","for":"2h"}',
      hold(null, { kind: 'no_starts', moves: true, reason: '31 ct/kWh', for_s: 7200 }),
    ],
    ['farm/hold/price', '{"value":true,"kind":null,"reason":31,"for":" 90 "}', hold(null, PRICE)],
    ['job/nightly/hold/price', '{"value":true,"for":0.5}', hold('nightly', { for_s: 0.5 })],
    ['job/nightly/hold/price', 'False', { type: 'release_hold', job: 'nightly', name: 'price' }],
    ['farm/set/max_workers', '0', { type: 'set_farm', max_workers: 0 }],
    ['farm/set/max_workers', '{"value":"12"}', { type: 'set_farm', max_workers: 12 }],
    ['farm/do/stop', '', { type: 'stop_farm' }],
    ['fire/half-way', '', { type: 'fire', name: 'half-way' }],
    ['fire/half-way', '{"transaction": null}', { type: 'fire', name: 'half-way' }],
    ['fire/half-way', '{"transaction": "i-1"}', { type: 'fire', name: 'half-way', transaction: '"i-1"' }],
    ['fire/half-way', '{"transaction": 1}', { type: 'fire', name: 'half-way', transaction: '1' }],
    [
      'bridge/request/job/create',
      '{"id":"a","plotter":"chia"}',
      { type: 'create_job', job: 'a', fields: { plotter: 'chia' } },
    ],
    [
      'bridge/request/job/update',
      '{"id":"a","title":null}',
      { type: 'update_job', job: 'a', fields: { title: null } },
    ],
    ['bridge/request/job/delete', '{"id":"a"}', { type: 'delete_job', job: 'a', dismiss: false }],
    [
      'bridge/request/job/delete',
      '{"id":"a","dismiss":true}',
      { type: 'delete_job', job: 'a', dismiss: true },
    ],
    ['bridge/request/job/delete', 'a', { type: 'delete_job', job: 'a', dismiss: false }],
    ['bridge/request/job/get', '{"id":"a"}', { type: 'get_job', job: 'a' }],
    ['bridge/request/job/get', 'a', { type: 'get_job', job: 'a' }],
    ['bridge/request/job/list', 'anything', { type: 'list_jobs' }],
    ['bridge/request/reload', '', { type: 'reload' }],
    ['bridge/request/history', '', { type: 'history', job: null, since: null, limit: 20 }],
    ['bridge/request/history', 'a', { type: 'history', job: 'a', since: null, limit: 20 }],
    [
      'bridge/request/history',
      '{"job":"a","since":"2026-11-26T20:00:00+01:00","limit":"1000","transaction":1}',
      { type: 'history', job: 'a', since: Date.UTC(2026, 10, 26, 19), limit: 1000 },
    ],
    [
      'bridge/request/history',
      '{"job":null,"since":"2026-11-26","limit":null}',
      { type: 'history', job: null, since: Date.UTC(2026, 10, 26), limit: 20 },
    ],
    [
      'bridge/request/history',
      '{"since":"2026-11-26T20:00"}',
      { type: 'history', job: null, since: Date.UTC(2026, 10, 26, 20), limit: 20 },
    ],
  ])('%s %s', (rest, payload, command) => {
    expect(read(rest, payload)).toEqual(command);
  });
});

describe('what is refused', () => {
  const deep = `{"a":${'['.repeat(40)}${']'.repeat(40)}}`;
  it.each([
    ['job/nightly/set/enabled', 'maybe', 'invalid_payload', null],
    ['job/nightly/set/enabled', '', 'invalid_payload', null],
    ['job/nightly/set/enabled', '{"value":null}', 'invalid_payload', 'value'],
    ['bridge/request/job/get', '{"id":null}', 'invalid_payload', 'id'],
    ['bridge/request/job/create', '{"id":null}', 'invalid_payload', 'id'],
    ['job/nightly/set/enabled', 'constructor', 'invalid_payload', null],
    ['job/nightly/set/enabled', '{"value":"maybe"}', 'invalid_payload', 'value'],
    ['job/nightly/set/enabled', '{"transaction":1}', 'invalid_payload', 'value'],
    ['job/nightly/set/enabled', '{"value":true,"more":1}', 'invalid_payload', 'more'],
    ['job/nightly/set/enabled', '{"value":', 'invalid_payload', null],
    ['job/nightly/set/max_workers', '-1', 'invalid_payload', null],
    ['job/nightly/set/max_workers', '1001', 'invalid_payload', null],
    ['job/nightly/set/max_workers', '1.5', 'invalid_payload', null],
    ['job/nightly/set/max_workers', '0x10', 'invalid_payload', null],
    ['job/nightly/set/max_workers', '1e3', 'invalid_payload', null],
    ['job/nightly/set/max_workers', '{"value":1e400}', 'invalid_payload', 'value'],
    ['job/nightly/set/plots_to_do', '1000001', 'invalid_payload', null],
    ['job/nightly/set/title', 'x', 'unknown_command', null],
    ['job/nightly/set/constructor', 'x', 'unknown_command', null],
    ['job/nightly/set/enabled/extra', 'ON', 'unknown_command', null],
    ['job/nightly/set', '{"enabled":true,"plots_done":3}', 'invalid_payload', 'plots_done'],
    ['job/nightly/set', '{"enabled":true,"max_workers":-3}', 'invalid_payload', 'max_workers'],
    ['job/nightly/set', '{}', 'invalid_payload', null],
    ['job/nightly/set', '[]', 'invalid_payload', null],
    ['job/nightly/set', 'ON', 'invalid_payload', null],
    ['job/nightly/set', '{"__proto__":{"enabled":true}}', 'invalid_payload', '__proto__'],
    ['job/nightly/set', deep, 'invalid_payload', null],
    ['job/nightly/set/', 'ON', 'unknown_command', null],
    ['job/Nightly/set/enabled', 'ON', 'unknown_job', null],
    ['job/../set/enabled', 'ON', 'unknown_job', null],
    ['job//set/enabled', 'ON', 'unknown_job', null],
    [`job/${'a'.repeat(49)}/do/reset`, '', 'unknown_job', null],
    ['job/nightly/do/start', '0', 'invalid_payload', null],
    ['job/nightly/do/start', '1.5', 'invalid_payload', null],
    ['job/nightly/do/start', '{', 'invalid_payload', null],
    ['bridge/request/job/get', '{"id":', 'invalid_payload', null],
    ['bridge/request/job/create', '{"id":', 'invalid_payload', null],
    ['job/nightly/do/explode', '', 'unknown_command', null],
    ['job/nightly/do', '', 'unknown_command', null],
    ['job/nightly/do/toString', '', 'unknown_command', null],
    ['job/nightly/worker/one/do/dismiss', '', 'unknown_worker', null],
    ['job/nightly/worker/0/do/dismiss', '', 'unknown_worker', null],
    ['job/nightly/worker/1/do/start', '', 'unknown_command', null],
    ['farm/hold/price', '', 'invalid_payload', null],
    ['farm/hold/price', '{"kind":"pause"}', 'invalid_payload', 'value'],
    ['farm/hold/price', '{"value":true,"kind":"stop"}', 'invalid_payload', 'kind'],
    ['farm/hold/price', '{"value":true,"moves":2}', 'invalid_payload', 'moves'],
    ['farm/hold/price', '{"value":true,"reason":{}}', 'invalid_payload', 'reason'],
    ['farm/hold/price', `{"value":true,"reason":"${'x'.repeat(201)}"}`, 'invalid_payload', 'reason'],
    ['farm/hold/price', '{"value":true,"for":"soon"}', 'invalid_payload', 'for'],
    ['farm/hold/price', '{"value":true,"for":0}', 'invalid_payload', 'for'],
    ['farm/hold/price', '{"value":true,"for":-1}', 'invalid_payload', 'for'],
    ['farm/hold/price', '{"value":true,"for":1e300}', 'invalid_payload', 'for'],
    ['farm/hold/price', '{"value":true,"until":1}', 'invalid_payload', 'until'],
    ['farm/hold/price', '{"value":true,"constructor":1}', 'invalid_payload', 'constructor'],
    ['farm/hold/@pause', 'ON', 'unknown_command', null],
    ['farm/hold/A', 'ON', 'unknown_command', null],
    ['farm/set/max_workers', '1001', 'invalid_payload', null],
    ['farm/set/max_workers', '', 'invalid_payload', null],
    ['farm/set/paused', 'ON', 'unknown_command', null],
    ['farm/set', '{"max_workers":1}', 'unknown_command', null],
    ['farm/do/start', '', 'unknown_command', null],
    ['farm/hold', 'ON', 'unknown_command', null],
    ['farm/hold/a/b', 'ON', 'unknown_command', null],
    ['farm/holds', 'ON', 'unknown_command', null],
    ['farm', 'ON', 'unknown_command', null],
    ['job/nightly/hold/@pause', 'OFF', 'unknown_command', null],
    ['job/Nightly/hold/price', 'ON', 'unknown_job', null],
    ['fire/@startup', '', 'unknown_command', null],
    ['fire/a/b', '', 'unknown_command', null],
    ['fire', '', 'unknown_command', null],
    ['bridge/request/job/create', '{"plotter":"chia"}', 'invalid_payload', 'id'],
    ['bridge/request/job/create', '{"id":"A b"}', 'invalid_config', 'id'],
    ['bridge/request/job/create', 'a', 'invalid_payload', null],
    ['bridge/request/job/update', '{"id":"../x"}', 'unknown_job', 'id'],
    ['bridge/request/job/get', '', 'invalid_payload', 'id'],
    ['bridge/request/job/delete', '{"id":"a","dismiss":"perhaps"}', 'invalid_payload', 'dismiss'],
    ['bridge/request/job/delete', '{"id":"a","force":true}', 'invalid_payload', 'force'],
    ['bridge/request/history', '{"job":"A b"}', 'unknown_job', 'job'],
    ['bridge/request/history', '{"since":"yesterday"}', 'invalid_payload', 'since'],
    ['bridge/request/history', '{"since":"2026-13-01"}', 'invalid_payload', 'since'],
    ['bridge/request/history', '{"since":7}', 'invalid_payload', 'since'],
    ['bridge/request/history', '{"limit":0}', 'invalid_payload', 'limit'],
    ['bridge/request/history', '{"limit":1001}', 'invalid_payload', 'limit'],
    ['bridge/request/history', '{"last":3}', 'invalid_payload', 'last'],
    ['bridge/request/job', '', 'unknown_command', null],
    ['bridge/request/valueOf', '', 'unknown_command', null],
    ['bridge/request', '', 'unknown_command', null],
  ])('%s %s', (rest, payload, code, path) => {
    expect(refusal(rest, payload)).toMatchObject({ code, path, message: expect.stringMatching(/./) });
  });

  it('payloads that are too large or no text', () => {
    const large = `{"enabled":true,"x":"${'x'.repeat(MAX_PAYLOAD_BYTES)}"}`;
    expect(refusal('job/nightly/set', large)).toMatchObject({ code: 'invalid_payload' });
    expect(refusal('job/nightly/set', Buffer.from([0x7b, 0xff, 0x7d]))).toMatchObject({
      code: 'invalid_payload',
    });
  });
});
