import { expect, onTestFinished, vi } from 'vitest';
import { openPage } from '../support/browser/home-assistant-page.ts';
import { photograph } from '../support/browser/images.ts';
import { openBrowser } from '../support/browser/playwright.ts';
import { FAILING, QUICK } from '../support/e2e/plotters.ts';
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
  'jobs start by schedule, the day is told, and so are disks that are nearly full',
  { timeout: 400_000 },
  async () => {
    const jobs = { quick: QUICK, other: FAILING };
    const at = 'input_datetime.time_helper';
    const [disk, room] = ['input_number.disk', 'input_number.room'];
    const helpers = {
      input_datetime: { time_helper: { has_date: false, has_time: true, name: 'time helper' } },
      input_number: Object.fromEntries(
        ['disk', 'room'].map((name) => [name, { name, min: 0, max: 1000, initial: 300 }]),
      ),
    };
    const automation = [
      from('start_by_schedule', 'scheduled', { jobs: ['button.plot2mqtt_quick_start_worker'], at }),
      from('day_report', 'report', { at, currency: 'CHF', tell: tell('day', '{{ message }}') }),
      from('disk_nearly_full', 'disk', {
        disks: [disk, room],
        below: 250,
        at,
        tell: tell('disk', '{{ message }}'),
      }),
    ];
    const { daemon, home, bus } = await startWithExamples(
      jobs,
      { helpers, automations: { automation } },
      { energy: { power_topic: 'plot2mqtt-test/power', price: 0.5 } },
    );
    await home.restart();
    await reached(home, 'button.plot2mqtt_quick_start_worker', disk);

    // At the moment at which the room falls below the limit, once; not when it goes on falling.
    await home.act('input_number.set_value', room, { value: 200 });
    await vi.waitFor(() => expect(told(daemon, 'disk')).toEqual(['room: 200.0.']), soon);
    await home.act('input_number.set_value', room, { value: 190 });

    // A plot of a moment is heavy enough at so many watts.
    await bus.client.publishAsync('plot2mqtt-test/power', '1000000000', { qos: 1 });
    await bus.command('job/quick/do/start');
    await bus.event('worker_end', { job: 'quick' }, 1);
    await bus.command('job/other/do/start');
    await bus.event('worker_end', { job: 'other' }, 1);

    const time = await home.render("{{ (now() + timedelta(seconds=4)).strftime('%H:%M:%S') }}", {});
    await home.act('input_datetime.set_datetime', at, { time });
    await bus.event('worker_end', { job: 'quick' }, 2);
    const report =
      /^(One plot was|2 plots were) made today\.\s+One failed\.\s+They took \d+(\.\d+)? kWh, which cost \d+(\.\d+)? CHF\./;
    await vi.waitFor(() => expect(told(daemon, 'day')).toEqual([expect.stringMatching(report)]), soon);
    await vi.waitFor(() => expect(told(daemon, 'disk')).toEqual(['room: 200.0.', 'room: 190.0.']), soon);
    expect(bus.events({ job: 'quick', type: 'worker_started' })).toHaveLength(2);

    // Nothing of it comes again when Home Assistant and the daemon start.
    await home.restart();
    await reached(home, 'button.plot2mqtt_quick_start_worker', disk);
    await daemon.restart();
    await reached(home, 'button.plot2mqtt_quick_start_worker');
    expect([told(daemon, 'disk').length, told(daemon, 'day').length]).toEqual([2, 1]);
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
