import { describe, expect, it } from 'vitest';
import { createGrowingMask } from '../../../src/config/mask.ts';
import { UNBLOCKED_REASONS } from '../../../src/contract/events.ts';
import { EVENT_TYPES } from '../../../src/contract/rows/events.ts';
import { JOB_ROWS } from '../../../src/contract/rows/job.ts';
import { plainKeysOf } from '../../../src/contract/rows/row.ts';
import { WORKER_ROWS } from '../../../src/contract/rows/worker.ts';
import { Door } from '../../../src/mqtt/door.ts';
import { isFreeForm } from '../../../src/mqtt/free-form.ts';
import { Outbox } from '../../../src/mqtt/sending/outbox.ts';
import type { Publication } from '../../../src/mqtt/connection/session.ts';
import { collectingLog, jobView, workerView } from './support/fixture.ts';

const doorFor = (...secrets: string[]) => new Door(createGrowingMask(secrets), 'b');

describe('the door', () => {
  it('masks texts of free form, and leaves keys and fixed words', () => {
    const door = doorFor('plot', 'work', 'running', '2026');
    const view = jobView('plotting', {
      ...{ title: 'My plot', state: 'running', blocked_reason: 'none', eta: '2026-11-26T00:00:00.000Z' },
      ...{ last_plot: '/farm/plot-2026.plot', last_error: 'no plot' },
    });
    expect(JSON.parse(door.hide('b/job/plotting', JSON.stringify(view)))).toEqual({
      ...view,
      ...{ title: 'My ***', last_plot: '/farm/***-***.***', last_error: 'no ***' },
    });
  });

  it('knows what stands alone on a topic by its key', () => {
    const door = doorFor('plot', '1000', '12.5', 'nightly-plot');
    expect(door.hide('b/job/a/title', 'plot')).toBe('***');
    expect(door.hide('b/job/a/title', '{"plot":1}')).toBe('{"***":1}');
    expect(door.hide('b/job/a/last_error', 'a plot failed')).toBe('a *** failed');
    const numbers = jobView('a', {
      ...{ max_workers: 1000, plots_to_do: 1000, plots_done: 1000, plots_remaining: 1000, workers: 1000 },
      ...{ pending: 1000, failures: 1000, progress: 12.5, last_plot_duration_s: 1000 },
      average_plot_duration_s: 1000,
    });
    for (const key of plainKeysOf(JOB_ROWS)) {
      const value = numbers[key];
      if (typeof value === 'number') expect(door.hide(`b/job/a/${key}`, String(value))).toBe(String(value));
    }
    for (const key of plainKeysOf(WORKER_ROWS)) {
      const view = workerView({ stage: '12.5', progress: 12.5 });
      expect(door.hide(`b/job/a/worker/1/${key}`, String(view[key]))).toBe(String(view[key]));
    }
    expect(door.hide('b/job/nightly-plot/id', 'nightly-plot')).toBe('nightly-plot');
  });

  it('masks whatever a plotter takes, numbers too, and no other number', () => {
    const door = doorFor('4096', 'canary');
    const event = { type: 'worker_started', seq: 4096, arguments: { k: 32, type: 'canary', memory: 4096 } };
    expect(JSON.parse(door.hide('b/event', JSON.stringify(event), isFreeForm))).toEqual({
      ...event,
      arguments: { k: 32, type: '***', memory: '***' },
    });
  });

  it('leaves the words that events and answers carry, though a secret is part of them', () => {
    const door = doorFor('_sta', 'oom', 'ound', 'eset', 'invalid', 'plotte', 'argu');
    const told = [
      ...EVENT_TYPES.map((type) => ({ type, event_type: type })),
      ...UNBLOCKED_REASONS.map((reason) => ({ type: 'job_unblocked', reason })),
      { type: 'event_fired', name: 'room_found', source: 'worker' },
      {
        status: 'error',
        error: { code: 'invalid_config', path: 'arguments.x', message: '' },
        transaction: 'argu',
      },
      {
        status: 'ok',
        data: { job: { plotter: 'plotted', events: [{ fire: 'room', on: 'stage_started', stage: '1' }] } },
      },
    ];
    for (const object of told) {
      const text = JSON.stringify(object);
      expect(door.hide('b/event', text, isFreeForm)).toBe(text);
    }
    expect(doorFor('onli', 'line').hide('b/bridge/state', 'online')).toBe('online');
    const refused = { status: 'error', error: { code: 'invalid_config', path: null, message: 'argument' } };
    expect(door.hide('x', JSON.stringify(refused), isFreeForm)).toContain('"message":"***ment"');
  });

  it('finds secrets with letters that JSON escapes, in errors that quote JSON too, and short ones alone', () => {
    const secret = 'a"b\\c\nd';
    const door = doorFor(secret, 'xyz');
    const errors = [`bad ${secret}!`, `bad ${JSON.stringify({ secret })}!`, 'xyz', 'vwxyz'];
    const shown = errors.map((last_error) => {
      const text = door.hide('b/job/a', JSON.stringify({ last_error }));
      const { last_error: hidden }: { last_error: string } = JSON.parse(text);
      return hidden;
    });
    expect(shown).toEqual(['bad ***!', 'bad {"secret":"***"}!', '***', 'vwxyz']);
  });

  it('masks all of what it does not know', () => {
    expect(doorFor('plot').hide('elsewhere', 'a plot')).toBe('a ***');
  });
});

describe('the outbox', () => {
  it('hides what leaves it, and publishes anew what holds what has become a secret', () => {
    const secrets = createGrowingMask(['canary-1']);
    const outbox = new Outbox({
      ...{ door: new Door(secrets, 'b'), log: collectingLog().log },
      ...{ onAcked: () => {}, onStuck: () => {} },
    });
    const sent: Publication[] = [];
    const publish = (message: Publication, done: () => void) => {
      sent.push(message);
      queueMicrotask(done);
    };
    outbox.connected({ publish, maximumPacketSize: 100_000, receiveMaximum: 1000 });
    const payload = JSON.stringify({ title: 'canary-1 canary-2' });
    outbox.retain('b/job/a', payload);
    outbox.retain('b/job/b', '{"title":"other"}');
    outbox.event({ seq: 1, topics: ['b/event'], payload: '{"file":"/canary-1"}' });
    outbox.once({ topic: 'x', payload: '{"data":"canary-1"}', retain: false });
    expect(sent.map((message) => message.payload)).toEqual([
      ...['{"title":"*** canary-2"}', '{"title":"other"}', '{"file":"/***"}', '{"data":"***"}'],
    ]);
    sent.length = 0;
    outbox.secretsLearned();
    expect(sent).toEqual([]);
    secrets.learn(['canary-2']);
    outbox.secretsLearned();
    expect(sent.map((message) => message.payload)).toEqual(['{"title":"*** ***"}']);
  });
});
