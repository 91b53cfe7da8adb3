import { expect, onTestFinished, vi } from 'vitest';
import { openPage } from '../support/browser/home-assistant-page.ts';
import { photograph } from '../support/browser/images.ts';
import { openBrowser } from '../support/browser/playwright.ts';
import { ENDLESS, FAILING, QUICK } from '../support/e2e/plotters.ts';
import { rest } from '../support/homeassistant/api.ts';
import { from, reached, soon, startWithExamples, tell, told } from '../support/homeassistant/automations.ts';
import { testWithFiles } from '../support/homeassistant/examples.ts';

testWithFiles('what is told comes once per moment, and never at a start', { timeout: 400_000 }, async () => {
  const jobs = {
    quick: { ...QUICK, plots_to_do: 1 },
    weak: { ...FAILING, max_failures: 0 },
    cold: { ...QUICK, arguments: { dest_dir: 'not/mounted' } },
  };
  const entities = Object.keys(jobs).map((job) => `event.plot2mqtt_${job}_event`);
  const text = '{{ moment }}: {{ title }}. {{ message }}';
  const { daemon, home, bus } = await startWithExamples(jobs, {
    automations: {
      automation: [
        from('notify', 'tell', { jobs: { entity_id: entities }, tell: tell('new', text) }),
        from('notify_older', 'tell_older', { jobs: ['event.plot2mqtt_event'], tell: tell('older', text) }),
        from('notify', 'tell_default', { jobs: { entity_id: entities }, moments: ['job_end'] }),
      ],
    },
  });
  await reached(home, ...entities);
  const expected: string[] = [];
  const both = (...texts: RegExp[]) =>
    vi.waitFor(() => {
      for (const topic of ['new', 'older']) {
        expect(told(daemon, topic)).toHaveLength(expected.length + texts.length);
        const last = told(daemon, topic).slice(expected.length);
        for (const [index, each] of texts.entries()) expect(last[index]).toMatch(each);
      }
    }, soon);
  const done = () => expected.push(...told(daemon, 'new').slice(expected.length));

  // The first end, and the second.
  for (const count of [1, 2]) {
    await bus.command('job/quick/do/reset');
    await bus.command('job/quick/do/start');
    await bus.event('job_end', { job: 'quick' }, count);
    await both(/^job_end: quick is done\. 1 plots? (is|are) done\.$/);
    done();
  }
  await bus.command('job/weak/do/start');
  await both(/^worker_failed: weak has a failed worker\. Worker 1: \S/);
  done();
  await bus.command('job/cold/do/start');
  await both(/^job_blocked: cold is blocked\. It starts no more workers: a directory is missing\.$/);
  done();

  // Nothing is told again when Home Assistant, the daemon or the broker starts.
  await home.restart();
  await reached(home, ...entities);
  await daemon.restart();
  await reached(home, ...entities);
  await daemon.mosquitto?.restart();
  await vi
    .waitFor(async () => expect(await home.state(entities[0] ?? '')).toBe('unavailable'), soon)
    .catch(() => {});
  await reached(home, ...entities);
  expect(told(daemon, 'new')).toEqual(expected);
  expect(told(daemon, 'older')).toEqual(expected);

  // And all go on.
  await bus.command('job/quick/do/reset');
  await bus.command('job/quick/do/start');
  await both(/^job_end: quick is done/);
  const shown = await home.command<{ title: string; message: string }[]>('persistent_notification/get');
  // Those from before the restart are gone with it.
  expect(shown.map(({ title }) => title)).toEqual(['quick is done']);
});

testWithFiles(
  'jobs run while a sensor allows it, start by schedule, and the day is told',
  {
    timeout: 400_000,
  },
  async () => {
    const at = { time_helper: { has_date: false, has_time: true, name: 'time helper' } };
    const jobs = {
      night: { ...ENDLESS, max_workers: 2 },
      quick: QUICK,
      other: { ...ENDLESS, max_workers: 2 },
    };
    const paused = 'switch.plot2mqtt_night_paused';
    const limit = 'number.plot2mqtt_other_max_workers';
    const { daemon, home, bus } = await startWithExamples(jobs, {
      helpers: {
        input_number: { price: { name: 'Price', min: -100, max: 100, step: 0.01, initial: 10 } },
        input_datetime: at,
      },
      automations: {
        automation: [
          from('run_while', 'cheap', {
            ...{ sensor: 'input_number.price', direction: 'below', threshold: 20, hysteresis: 5 },
            ...{ pause: [paused], limit: [limit], workers_running: 3, workers_otherwise: 1 },
          }),
          from('start_by_schedule', 'scheduled', {
            ...{ jobs: ['button.plot2mqtt_quick_start_worker'], at: 'input_datetime.time_helper' },
          }),
          from('announce_plots', 'announced', {
            ...{ at: 'input_datetime.time_helper', tell: tell('day', '{{ message }}') },
          }),
        ],
      },
    });
    await reached(home, paused, limit, 'input_number.price');
    const price = (value: number) => home.act('input_number.set_value', 'input_number.price', { value });
    const commands = () =>
      bus.messages.filter(({ topic }) => topic === bus.topic('job/night/set/paused')).map(({ text }) => text);

    // Above the threshold: paused and limited. Back into the hysteresis: as it is. Beyond it: on.
    await price(21);
    await bus.shows('job/night', { paused: true });
    await bus.shows('job/other', { max_workers: 1 });
    for (const value of [19, 16, 19.9, 20]) await price(value);
    await price(14);
    await bus.shows('job/night', { paused: false });
    await bus.shows('job/other', { max_workers: 3 });
    for (const value of [16, 20, 15.1, 18]) await price(value);
    expect(commands().map((text) => text.toUpperCase())).toEqual(['ON', 'OFF']);

    // What changed while the daemon was away is made up for when it is back.
    await daemon.stop();
    await vi.waitFor(async () => expect(await home.state(paused)).toBe('unavailable'), soon);
    await price(30);
    await daemon.start();
    await bus.shows('job/night', { paused: true });
    await price(0);
    await bus.shows('job/night', { paused: false });

    // The schedule starts a worker, and the day is told; both once.
    await bus.command('job/quick/do/start');
    await bus.event('worker_end', { job: 'quick' }, 1);
    await vi.waitFor(async () => expect(await home.state('sensor.plot2mqtt_plots_today')).toBe('1'), soon);
    const time = await home.render("{{ (now() + timedelta(seconds=4)).strftime('%H:%M:%S') }}", {});
    await home.act('input_datetime.set_datetime', 'input_datetime.time_helper', { time });
    await bus.event('worker_end', { job: 'quick' }, 2);
    await vi.waitFor(
      () =>
        expect(told(daemon, 'day')).toEqual([
          expect.stringMatching(/^(One plot was|2 plots were) made today\./),
        ]),
      soon,
    );
    expect(bus.events({ job: 'quick', type: 'worker_started' })).toHaveLength(2);
    expect(await home.warnings()).toEqual([]);
  },
);

testWithFiles(
  'a blueprint is filled in and works as the interface saves it',
  { timeout: 300_000 },
  async () => {
    const { daemon, home, bus } = await startWithExamples(
      { quick: { ...QUICK, title: 'Nightly plots', plots_to_do: 1 } },
      {},
    );
    await reached(home, 'event.plot2mqtt_quick_event');
    const target = { jobs: { entity_id: ['event.plot2mqtt_quick_event'] } };
    const saved = from('notify', 'notify', { ...target, tell: tell('saved', '{{ message }}') });
    await rest(home, '/api/config/automation/config/notify', { ...saved, alias: 'Tell me about my plots' });
    await reached(home, 'automation.tell_me_about_my_plots');
    await bus.command('job/quick/do/start');
    await vi.waitFor(() => expect(told(daemon, 'saved')).toEqual(['1 plot is done.']), soon);

    const browser = await openBrowser();
    onTestFinished(() => browser.close());
    const form = '/config/automation/edit/notify';
    const { page, seen } = await openPage(browser, home, form, { screen: 'desk', scheme: 'light' });
    expect(seen.texts.join(' ')).toMatch(/Jobs.*When.*Do/);
    expect(seen.errors).toEqual([]);
    expect(await photograph(page, 'blueprint.png')).toBeGreaterThan(20_000);
  },
);
