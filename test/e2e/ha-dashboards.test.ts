import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, vi } from 'vitest';
import { openPage, SCREENS, type Scheme, type Screen } from '../support/browser/home-assistant-page.ts';
import { photograph } from '../support/browser/images.ts';
import { lookAt } from '../support/browser/look.ts';
import { openBrowser, type Page } from '../support/browser/playwright.ts';
import { startDaemon } from '../support/e2e/daemon.ts';
import { allow, ENDLESS, QUICK, STEPPING_JOB } from '../support/e2e/plotters.ts';
import { DASHBOARDS, examplesFolder, testWithFiles } from '../support/homeassistant/examples.ts';
import { type HomeAssistant, startHomeAssistant } from '../support/homeassistant/home.ts';

const OURS = join(import.meta.dirname, '../../homeassistant');
const soon = { timeout: 60_000, interval: 200 };

/** Which pictures there are to be: a dashboard on a screen. The README shows those with a file. */
const LOOKS: { dashboard: keyof typeof DASHBOARDS; screen: Screen; scheme: Scheme }[] = [
  { dashboard: 'all', screen: 'desk', scheme: 'light' },
  { dashboard: 'all', screen: 'desk', scheme: 'dark' },
  { dashboard: 'all', screen: 'phone', scheme: 'light' },
  { dashboard: 'all', screen: 'phone', scheme: 'dark' },
  { dashboard: 'job', screen: 'desk', scheme: 'light' },
  { dashboard: 'job', screen: 'desk', scheme: 'dark' },
  { dashboard: 'job', screen: 'phone', scheme: 'light' },
  { dashboard: 'job', screen: 'phone', scheme: 'dark' },
];

/** Code that was meant to be run, and values that were meant to be something. */
const RAW = /\{\{|\}\}|\{%|%\}|<\/?(font|ha-|br)|UndefinedError|TemplateError|\bNone\b|\bnan\b|undefined/;

const JOBS = {
  demo: { ...STEPPING_JOB, title: 'Demo plots', max_workers: 2, plots_to_do: 20 },
  nightly: { ...ENDLESS, title: 'Nightly plots', plots_to_do: 100 },
  quick: { ...QUICK, title: 'Quick plots', plots_to_do: 1 },
  cold: { ...QUICK, title: 'Cold storage', arguments: { dest_dir: 'not/mounted' } },
};

/** Two weeks of plots, as if it had run for long. */
async function longAgo(home: HomeAssistant): Promise<void> {
  const day = 86_400_000;
  const midnight = Math.floor(Date.now() / day) * day;
  const stats = Array.from({ length: 14 }, (_, index) => ({
    start: new Date(midnight - (14 - index) * day).toISOString(),
    ...{ state: index * 8, sum: index * 8 + ((index * 5) % 7) },
  }));
  await home.command('recorder/import_statistics', {
    metadata: {
      ...{ has_mean: false, mean_type: 0, has_sum: true, name: null, source: 'recorder', unit_class: null },
      ...{ statistic_id: 'sensor.plot2mqtt_plots_done', unit_of_measurement: 'plots' },
    },
    stats,
  });
}

/** Every entity that a dashboard of the project names. */
async function named(file: string): Promise<string[]> {
  const text = await readFile(join(OURS, file), 'utf8');
  const ids = text.match(
    /\b(binary_sensor|sensor|switch|number|button|event|select|script)\.plot2mqtt_[a-z0-9_]+\b/g,
  );
  return [...new Set(ids)].sort();
}

testWithFiles('the dashboards, on a desk and on a phone, light and dark', { timeout: 400_000 }, async () => {
  const daemon = await startDaemon({
    ...{ broker: 'mosquitto', config: { homeassistant: { discovery: true }, jobs: JOBS } },
  });
  const { bus } = daemon;
  const files = await examplesFolder();
  const home = await startHomeAssistant({ port: Number(new URL(daemon.url).port), files });
  onTestFinished(() => home.destroy());

  await vi.waitFor(async () => {
    for (const job of Object.keys(JOBS))
      expect(await home.state(`event.plot2mqtt_${job}_event`)).toBe('unknown');
  }, soon);

  await bus.command('job/quick/do/start');
  await bus.command('job/demo/do/start', '1');
  await bus.command('job/nightly/do/start');
  await bus.command('job/cold/do/start');
  await allow(daemon, 1);
  await bus.event('job_end', { job: 'quick' });
  await bus.event('stage_started', { job: 'demo', stage: '2' });
  await bus.command('job/demo/do/start', '1');

  // Every entity that the dashboards name is there and has a state.
  const ids = [...(await named('dashboard.yaml')), ...(await named('dashboard-job.yaml'))];
  expect(ids.length).toBeGreaterThan(30);
  await vi.waitFor(async () => {
    const states = await home.states();
    const missing = ids.filter((id) => !['on', 'off'].includes(states.get(id)?.state ?? 'unavailable'));
    expect(missing.filter((id) => (states.get(id)?.state ?? 'unavailable') === 'unavailable')).toEqual([]);
    expect(states.get('sensor.plot2mqtt_cold_state')?.state).toBe('blocked');
    expect(states.get('sensor.plot2mqtt_quick_state')?.state).toBe('done');
  }, soon);
  await longAgo(home);

  const browser = await openBrowser();
  onTestFinished(() => browser.close());
  // The logbook tells what has happened only a while later.
  const first = await openPage(browser, home, DASHBOARDS.all, { screen: 'desk', scheme: 'light' });
  await vi.waitFor(async () => {
    const { texts } = await lookAt(first.page);
    expect(texts.join(' ')).toMatch(/stage_started/i);
  }, soon);
  await first.context.close();

  for (const { dashboard, screen, scheme } of LOOKS) {
    const look = `${dashboard}-${screen}-${scheme}`;
    const { page, context, seen } = await openPage(browser, home, DASHBOARDS[dashboard], { screen, scheme });
    expect({ look, errors: seen.errors, cut: seen.cut }).toEqual({ look, errors: [], cut: [] });
    expect(seen.texts.filter((text) => RAW.test(text))).toEqual([]);
    const said = seen.texts.join(' ');
    expect(said).not.toMatch(/Entity not found|Entity not available|Configuration error/);
    const words = {
      all: [
        'Cold storage is blocked',
        'Nightly plots worker 1',
        'stage 2',
        'Demo plots',
        'Quick plots',
        '1 of 1 plot',
      ],
      job: ['Start worker', 'Max workers', 'Worker 2', 'Plots remaining'],
    };
    expect(said, look).toMatch(/stage_started/i);
    for (const word of words[dashboard]) expect(said, look).toContain(word);
    expect(await photograph(page, `dashboard-${look}.png`)).toBeGreaterThan(20_000);
    await context.close();
  }

  await driven(home, browser);

  // A job that is added later is there, with nothing edited; the controls are for it too.
  const { page, context } = await openPage(browser, home, DASHBOARDS.all, {
    screen: 'desk',
    scheme: 'light',
  });
  const later = { id: 'later', title: 'Later plots', plotter: 'madmax', enabled: false };
  expect(await bus.command('bridge/request/job/create', later)).toMatchObject({ status: 'ok' });
  await vi.waitFor(async () => {
    const said = (await lookAt(page)).texts.join(' ');
    expect(said).toMatch(/Later plots disabled 0 plots/);
  }, soon);
  await vi.waitFor(async () => {
    const select = (await home.states()).get('select.plot2mqtt_chosen_job');
    expect(select?.attributes.options).toContain('Later plots');
  }, soon);
  await context.close();
  expect(await home.warnings()).toEqual([]);

  /** What a click does: a limit in the list opens its control, and the chosen job's tiles act on it. */
  async function driven(seat: HomeAssistant, chromium: typeof browser): Promise<void> {
    const opened = await openPage(chromium, seat, DASHBOARDS.all, { screen: 'desk', scheme: 'light' });
    await openControl(opened.page, 'Plots: 100');
    await opened.context.close();
    await seat.act('select.select_option', 'select.plot2mqtt_chosen_job', { option: 'Nightly plots' });
    await vi.waitFor(
      async () => expect(Number(await seat.state('number.plot2mqtt_chosen_job_plots_to_do'))).toBe(100),
      soon,
    );
    await seat.act('number.set_value', 'number.plot2mqtt_chosen_job_plots_to_do', { value: 101 });
    await bus.shows('job/nightly', { plots_to_do: 101 });
    await seat.act('switch.turn_on', 'switch.plot2mqtt_chosen_job_paused');
    await bus.shows('job/nightly', { state: 'paused' });
    await vi.waitFor(
      async () => expect(await seat.state('switch.plot2mqtt_chosen_job_paused')).toBe('on'),
      soon,
    );
    await seat.act('switch.turn_off', 'switch.plot2mqtt_chosen_job_paused');
    await seat.act('number.set_value', 'number.plot2mqtt_chosen_job_max_workers', { value: 2 });
    await bus.shows('job/nightly', { max_workers: 2, state: 'running' });
    await seat.act('button.press', 'button.plot2mqtt_chosen_job_start');
    await bus.shows('job/nightly', { workers: 2 });
  }
});

async function openControl(page: Page, link: string): Promise<void> {
  await page.setViewportSize(SCREENS.desk);
  await page.getByText(link).first().click();
  await page.locator('ha-more-info-dialog').first().waitFor({ state: 'attached' });
  await vi.waitFor(async () => expect((await lookAt(page)).texts.join(' ')).toMatch(/Plots to do/), soon);
  expect(page.url()).toContain('number.plot2mqtt_nightly_plots_to_do');
}
