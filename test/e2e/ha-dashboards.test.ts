import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, vi } from 'vitest';
import { parse } from 'yaml';
import { openPage, type Scheme, type Screen } from '../support/browser/home-assistant-page.ts';
import { photograph } from '../support/browser/images.ts';
import { lookAt } from '../support/browser/look.ts';
import { openBrowser } from '../support/browser/playwright.ts';
import { cellar } from '../support/card/farm.ts';
import { startDaemon } from '../support/e2e/daemon.ts';
import { allow, STEPPING_JOB } from '../support/e2e/plotters.ts';
import { eveningOf } from '../support/farm/evening.ts';
import type { Told } from '../support/farm/views.ts';
import {
  addDashboard,
  addResource,
  addStrategy,
  folderWithCard,
} from '../support/homeassistant/dashboards.ts';
import { examplesFolder, JOB_DASHBOARD, testWithFiles } from '../support/homeassistant/examples.ts';
import { type HomeAssistant, startHomeAssistant } from '../support/homeassistant/home.ts';
import { pretend } from '../support/homeassistant/pretend.ts';
import { plainUser } from '../support/homeassistant/users.ts';
import { startMosquitto } from '../support/mosquitto.ts';

const OURS = join(import.meta.dirname, '../../homeassistant');
const soon = { timeout: 60_000, interval: 200 };

interface Look {
  view: 'overview' | 'jobs' | 'history';
  screen: Screen;
  scheme: Scheme;
  language?: string;
  /** What it says. */
  words: readonly (string | RegExp)[];
}

const OVERVIEW = [
  'Nightly plots',
  '2 of 2 workers in limit',
  /ready|any moment/,
  '17 full disks',
  'destination /mnt/farm20/plots is not mounted',
  'No space left on device',
];
/** Which pictures there are to be. The README shows those with a file. */
const LOOKS: readonly Look[] = [
  { view: 'overview', screen: 'desk', scheme: 'light', words: OVERVIEW },
  {
    view: 'overview',
    screen: 'desk',
    scheme: 'dark',
    language: 'de',
    words: ['läuft', 'blockiert', '17 volle Platten', 'alle fertig'],
  },
  {
    view: 'overview',
    screen: 'phone',
    scheme: 'light',
    words: ['Nightly plots', /2 moving · 2 waiting · ready/],
  },
  {
    view: 'overview',
    screen: 'phone',
    scheme: 'dark',
    words: ['Nightly plots', /2 moving · 2 waiting · ready/],
  },
  { view: 'overview', screen: 'desk', scheme: 'light', language: 'he', words: ['Nightly plots'] },
  {
    view: 'jobs',
    screen: 'desk',
    scheme: 'light',
    words: ['Start a worker', 'Plots to make', 'To the farm', 'MiB/s', /2 moving · 2 waiting/],
  },
  {
    view: 'jobs',
    screen: 'phone',
    scheme: 'dark',
    language: 'de',
    words: ['Worker starten', 'Fertige Plots', 'unterwegs'],
  },
  { view: 'history', screen: 'desk', scheme: 'light', words: ['Plots a day', 'Events'] },
];

/** Code that was meant to be run, and values that were meant to be something. */
const RAW =
  /\{\{|\}\}|\{%|%\}|<\/?(font|ha-|br)|UndefinedError|TemplateError|\bNone\b|\b[Nn]a[Nn]\b|undefined/;

/** A month of plots, as if it had run for long: as many a day as now. */
async function longAgo(
  home: HomeAssistant,
  { stats: { plots_done, plots_today }, farm }: Told,
): Promise<void> {
  const day = 86_400_000;
  const midnight = Math.floor(Date.now() / day) * day;
  const days = Array.from({ length: 30 }, (_, index) => farm.plots_per_day - ((index * 5) % 7));
  let state = plots_done - plots_today - days.reduce((sum, plots) => sum + plots, 0);
  let sum = 0;
  const stats = days.map((plots, index) => {
    [state, sum] = [state + plots, sum + plots];
    return { start: new Date(midnight - (days.length - index) * day).toISOString(), state, sum };
  });
  await home.command('recorder/import_statistics', {
    metadata: {
      ...{ has_mean: false, mean_type: 0, has_sum: true, name: null, source: 'recorder', unit_class: null },
      ...{ statistic_id: 'sensor.plot2mqtt_plots_done', unit_of_measurement: 'plots' },
    },
    stats,
  });
}

testWithFiles('the strategy’s dashboard, on a desk and on a phone', { timeout: 400_000 }, async () => {
  const broker = await startMosquitto();
  onTestFinished(async () => broker.stop());
  const home = await startHomeAssistant({
    port: Number(new URL(broker.url).port),
    files: await folderWithCard(),
  });
  onTestFinished(() => home.destroy());
  const now = Date.now();
  const farm = cellar(now);
  const { timezoneId } = eveningOf(now);
  await pretend(farm.told, broker.url);
  await vi.waitFor(async () => {
    const states = await home.states();
    for (const id of Object.keys(farm.history)) expect(states.get(id)?.state ?? id).not.toBe('unavailable');
    expect(states.get('sensor.plot2mqtt_move_farm_state')?.state).toBe('moving');
  }, soon);
  await home.remember(farm.history);
  await longAgo(home, farm.told);
  await addResource(home);
  const path = await addStrategy(home, 'plot-farm');
  const guest = { url: home.url, token: await plainUser(home) };
  const browser = await openBrowser();
  onTestFinished(() => browser.close());

  for (const { view, words, ...look } of LOOKS) {
    const name = ['dashboard', view, look.screen, look.scheme, look.language].filter(Boolean).join('-');
    const { page, context, seen } = await openPage(browser, guest, `${path}/${view}`, {
      ...look,
      timezoneId,
    });
    expect({ name, errors: seen.errors, cut: seen.cut }).toEqual({ name, errors: [], cut: [] });
    expect(seen.texts.filter((text) => RAW.test(text))).toEqual([]);
    const said = seen.texts.join(' ');
    for (const word of words) expect(said, name).toMatch(word);
    if (view === 'overview') {
      expect(await page.locator('hui-alert-card').count(), name).toBe(1);
      expect(await page.locator('.rows[data-job=nightly] svg rect.phase').count(), name).toBeGreaterThan(20);
      expect(await page.locator('.arrows path.arrow').count(), name).toBeGreaterThan(3);
      expect(await page.locator('path.failed').count(), name).toBeGreaterThan(0);
    }
    // A page that one scrolls through three times is one that one doesn't read.
    expect(seen.height, name).toBeLessThan(view === 'jobs' ? 3_000 : 1_800);
    expect(await photograph(page, `${name}.png`)).toBeGreaterThan(20_000);
    await context.close();
  }
  // The one of a job, as README says: with the job's id in the place of the example's.
  const text = (await readFile(join(OURS, 'dashboard-job.yaml'), 'utf8')).replaceAll('_demo_', '_nightly_');
  const job = await addDashboard(home, 'one-job', parse(text));
  const { page, context, seen } = await openPage(browser, home, job, {
    ...{ screen: 'desk', scheme: 'light' },
    timezoneId,
  });
  expect({ errors: seen.errors, cut: seen.cut }).toEqual({ errors: [], cut: [] });
  for (const word of ['Start worker', 'Back propagation', 'Plots remaining'])
    expect(seen.texts.join(' ')).toContain(word);
  expect(await photograph(page, 'dashboard-job-desk-light.png')).toBeGreaterThan(20_000);
  await context.close();
  expect(await home.warnings()).toEqual([]);
});

/** Every entity that a dashboard of the project names. */
async function named(file: string): Promise<string[]> {
  const text = await readFile(join(OURS, file), 'utf8');
  const ids = text.match(/\b(binary_sensor|sensor|switch|number|button|event)\.plot2mqtt_[a-z0-9_]+\b/g);
  return [...new Set(ids)].sort();
}

testWithFiles('the dashboard of one job, without JavaScript', { timeout: 400_000 }, async () => {
  const jobs = { demo: { ...STEPPING_JOB, title: 'Demo plots', max_workers: 2, plots_to_do: 20 } };
  const daemon = await startDaemon({
    ...{ broker: 'mosquitto', config: { homeassistant: { discovery: true }, jobs } },
  });
  const { bus } = daemon;
  const home = await startHomeAssistant({
    ...{ port: Number(new URL(daemon.url).port), files: await examplesFolder() },
  });
  onTestFinished(() => home.destroy());
  await vi.waitFor(async () => expect(await home.state('event.plot2mqtt_demo_event')).toBe('unknown'), soon);
  await bus.command('job/demo/do/start', '1');
  await allow(daemon, 1);
  await bus.event('stage_started', { job: 'demo', stage: '2' });
  await bus.command('job/demo/do/start', '1');

  // Every entity that it names is there and has a state.
  const ids = await named('dashboard-job.yaml');
  expect(ids.length).toBeGreaterThan(15);
  await vi.waitFor(async () => {
    const states = await home.states();
    expect(ids.filter((id) => (states.get(id)?.state ?? 'unavailable') === 'unavailable')).toEqual([]);
  }, soon);

  const browser = await openBrowser();
  onTestFinished(() => browser.close());
  for (const screen of ['desk', 'phone'] as const)
    for (const scheme of ['light', 'dark'] as const) {
      const name = `dashboard-demo-${screen}-${scheme}`;
      const blocked = screen === 'phone' && scheme === 'dark';
      if (blocked) {
        await rm(daemon.path('plots'), { recursive: true });
        await bus.command('job/demo/set/max_workers', '3');
        await bus.command('job/demo/do/start', '1');
        await bus.shows('job/demo', { state: 'blocked' });
        await vi.waitFor(
          async () => expect(await home.state('binary_sensor.plot2mqtt_demo_problem')).toBe('on'),
          soon,
        );
      }
      const { page, context } = await openPage(browser, home, JOB_DASHBOARD, { screen, scheme });
      // The logbook tells what has happened only a while later.
      await vi.waitFor(
        async () => expect((await lookAt(page)).texts.join(' ')).toMatch(/worker_started/i),
        soon,
      );
      const seen = await lookAt(page);
      expect({ name, errors: seen.errors, cut: seen.cut }).toEqual({ name, errors: [], cut: [] });
      expect(seen.texts.filter((text) => RAW.test(text))).toEqual([]);
      const said = seen.texts.join(' ');
      expect(said).not.toMatch(/Entity not found|Entity not available|Configuration error/);
      for (const word of ['Start worker', 'Max workers', 'Worker 2', 'Plots remaining'])
        expect(said, name).toContain(word);
      expect(await page.locator('hui-alert-card').count(), name).toBe(blocked ? 1 : 0);
      if (blocked) expect(said).toMatch(/Problem .*doesn't exist/);
      expect(await photograph(page, `${name}.png`)).toBeGreaterThan(20_000);
      await context.close();
    }
  expect(await home.warnings()).toEqual([]);
});
