import { expect, vi } from 'vitest';
import { allow, ENDLESS, STEPPING_JOB } from '../support/e2e/plotters.ts';
import { rest } from '../support/homeassistant/api.ts';
import { from, reached, soon, startWithExamples, tell, told } from '../support/homeassistant/automations.ts';
import { testWithFiles } from '../support/homeassistant/examples.ts';

testWithFiles(
  'plotting is held while a sensor forbids it, and goes on when the automation is dead',
  { timeout: 400_000 },
  async () => {
    const jobs = { night: { ...ENDLESS, max_workers: 2 }, other: { ...ENDLESS, max_workers: 2 } };
    const number = (name: string) => ({ name, min: -100, max: 100, step: 0.01, initial: 10 });
    const [price, heat] = ['input_number.price', 'input_number.heat'];
    const cheap = { sensor: price, direction: 'below', threshold: 20, hysteresis: 5, kind: 'pause' };
    const { daemon, home, bus } = await startWithExamples(jobs, {
      helpers: { input_number: { price: number('Price'), heat: number('Heat') } },
      automations: { automation: [from('run_while', 'cheap', cheap)] },
    });
    // It was there before there was MQTT, as no user's is.
    await home.restart();
    await reached(home, price, heat, 'switch.plot2mqtt_other_paused');
    const set = (entity: string, value: number) => home.act('input_number.set_value', entity, { value });
    const said = (rest: string) =>
      bus.messages.filter(({ topic }) => topic === bus.topic(rest)).map(({ text }) => text);
    const holds = async (job: string, names: string[]) => {
      await bus.shows(`job/${job}`, { holds: names });
    };
    // At the start it lets go of what may stand from before.
    await bus.message('farm/hold/price', (text) => text === 'OFF');

    // Another one holds one job alone, which is chosen by its device.
    const device = (await home.devices()).find(({ name }) => name === 'other');
    const hot = { ...cheap, sensor: heat, kind: 'no_starts', hold: 'heat', jobs: [device?.id], minutes: 0.4 };
    await rest(home, '/api/config/automation/config/hot', from('run_while', 'hot', hot));
    await reached(home, 'automation.hot');

    // A user's pause is of another name, and stays.
    await bus.command('job/night/set/paused', 'ON');
    const atStart = said('farm/hold/price').length;
    await set(price, 21);
    await holds('night', ['price']);
    await holds('other', ['price']);
    const hold = await bus.until(
      'the hold of the farm',
      () => JSON.parse(said('farm').at(-1) ?? '{}').holds?.[0],
    );
    expect(hold).toMatchObject({ name: 'price', kind: 'pause', reason: '21.0, limit 20', moves: false });
    expect(Date.parse(hold.until) - Date.parse(hold.since)).toBe(3_600_000);
    for (const value of [19, 16, 19.9, 20]) await set(price, value);
    await set(heat, 21);
    await holds('other', ['price', 'heat']);
    await set(price, 14);
    await holds('night', []);
    await bus.shows('job/night', { paused: true });
    await holds('other', ['heat']);
    // Where the sensor moves inside the hysteresis nothing is said.
    for (const value of [16, 20, 15.1, 18]) await set(price, value);
    expect(said('farm/hold/price').slice(atStart)).toEqual([expect.stringMatching(/true/), 'OFF']);

    // What changed while the daemon was away is made up for when it is back.
    await daemon.stop();
    await set(price, 30);
    await bus.until('a hold to nobody', () => said('farm/hold/price').at(-1)?.includes('30.0') || undefined);
    await daemon.start();
    await holds('night', ['price']);
    await set(price, 0);
    await holds('night', []);

    // The hold is said again in time; when Home Assistant is gone it goes by itself.
    const topic = 'job/other/hold/heat';
    const renewed = said(topic).length + 1;
    await bus.until('the hold again', () => said(topic).length >= renewed || undefined);
    expect(await home.warnings()).toEqual([]);
    await home.destroy();
    const released = await bus.event('hold_released', { hold: 'heat' }, 1);
    expect(released).toMatchObject({ by: 'time', job: 'other' });
    await bus.shows('job/night', { paused: true });
  },
);

testWithFiles(
  'before a planned shutdown plots in the making are waited for, or stopped',
  { timeout: 400_000 },
  async () => {
    const jobs = { steps: { ...STEPPING_JOB, max_workers: 2 }, long: ENDLESS };
    const drain = (id: string, more: object) =>
      from('drain_before_shutdown', id, {
        ...{ switches: [`input_boolean.${id}`], hours: 1 },
        ...{ drained: tell(id, 'drained'), late: tell(id, 'late'), ...more },
      });
    const { daemon, home, bus } = await startWithExamples(jobs, {
      helpers: {
        input_boolean: Object.fromEntries(['patient', 'hasty', 'hard'].map((name) => [name, { name }])),
      },
      automations: {
        automation: [
          drain('patient', {}),
          drain('hasty', { longest: { seconds: 1 } }),
          drain('hard', { longest: { seconds: 1 }, stop: true }),
        ],
      },
    });
    await home.restart();
    await reached(home, 'automation.patient', 'automation.hard');
    await bus.command('job/steps/do/start');
    await bus.event('plotter_started', { job: 'steps' }, 1);

    await home.act('input_boolean.turn_on', 'input_boolean.patient');
    await bus.shows('job/steps', { holds: ['drain'] });
    await vi.waitFor(
      () =>
        expect(bus.object('farm')).toMatchObject({
          drained: false,
          holds: [{ name: 'drain', kind: 'no_starts', reason: 'a planned shutdown', moves: false }],
        }),
      soon,
    );
    expect(told(daemon, 'patient')).toEqual([]);
    await allow(daemon, 'all');
    await bus.event('farm_drained', {}, 1);
    await vi.waitFor(() => expect(told(daemon, 'patient')).toEqual(['drained']), soon);
    await bus.command('farm/hold/drain', 'OFF');

    // What takes too long is told; it goes on, and the hold stays until its time is over.
    await bus.command('job/long/do/start');
    await bus.event('plotter_started', { job: 'long' }, 1);
    await home.act('input_boolean.turn_on', 'input_boolean.hasty');
    await vi.waitFor(() => expect(told(daemon, 'hasty')).toEqual(['late']), soon);
    await bus.shows('job/long', { workers: 1, holds: ['drain'] });
    await bus.command('farm/hold/drain', 'OFF');

    // Or stopped, and then it is drained; the hold has an end all the same.
    await home.act('input_boolean.turn_on', 'input_boolean.hard');
    await bus.event('worker_dismissed', { job: 'long' }, 1);
    await vi.waitFor(() => expect(told(daemon, 'hard')).toEqual(['drained']), soon);
    const [hold] = JSON.parse(bus.last('farm')?.text ?? '{}').holds;
    expect(hold).toMatchObject({ name: 'drain', until: expect.any(String) });
    expect(await home.warnings()).toEqual([]);
  },
);
