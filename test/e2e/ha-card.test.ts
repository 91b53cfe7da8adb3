import { rm } from 'node:fs/promises';
import { expect, onTestFinished, vi } from 'vitest';
import { pastSegments } from '../../homeassistant/card/timeline/segments.ts';
import { withMessage } from '../../homeassistant/card/history/tracks.ts';
import type { HistoryState } from '../../homeassistant/card/homeassistant.ts';
import { openPage } from '../support/browser/home-assistant-page.ts';
import { lookAt } from '../support/browser/look.ts';
import { openBrowser, type Page } from '../support/browser/playwright.ts';
import { startDaemon, type TestDaemon } from '../support/e2e/daemon.ts';
import { allow, ENDLESS, QUICK, STEPPING_JOB } from '../support/e2e/plotters.ts';
import { addResource, addStrategy, folderWithCard } from '../support/homeassistant/dashboards.ts';
import { testWithFiles } from '../support/homeassistant/examples.ts';
import { type HomeAssistant, startHomeAssistant } from '../support/homeassistant/home.ts';
import { plainUser } from '../support/homeassistant/users.ts';

const soon = { timeout: 60_000, interval: 200 };
const DESK = { screen: 'desk', scheme: 'light' } as const;
/** The first phase, by its title where there is an entity that says it. */
const FIRST = /(Phase 1|Forward propagation)/;
const JOBS = {
  demo: { ...STEPPING_JOB, title: 'Demo plots', max_workers: 2 },
  nightly: { ...ENDLESS, title: 'Nightly plots', plots_to_do: 100, max_workers: 2 },
  cold: { ...QUICK, title: 'Cold storage', arguments: { dest_dir: 'not/mounted' } },
};

/** A farm in a Home Assistant with the card, and somebody who is no administrator in front of it. */
async function seat(broker: 'mosquitto' | 'embedded') {
  const daemon = await startDaemon({ broker, config: { homeassistant: { discovery: true }, jobs: JOBS } });
  const home = await startHomeAssistant({
    ...{ port: Number(new URL(daemon.url).port), files: await folderWithCard() },
  });
  onTestFinished(() => home.destroy());
  await vi.waitFor(async () => {
    for (const job of Object.keys(JOBS))
      expect(await home.state(`event.plot2mqtt_${job}_event`)).toBe('unknown');
  }, soon);
  await addResource(home);
  const path = await addStrategy(home, 'plot-farm', { hours: 1 });
  const browser = await openBrowser();
  onTestFinished(() => browser.close());
  const guest = { url: home.url, token: await plainUser(home) };
  return { daemon, home, path, open: (view: string) => openPage(browser, guest, `${path}/${view}`, DESK) };
}

/** What a page says, once it says it. */
async function says(page: Page, ...words: (string | RegExp)[]): Promise<void> {
  await vi.waitFor(async () => {
    const said = (await lookAt(page)).texts.join(' ');
    for (const word of words) expect(said).toMatch(typeof word === 'string' ? new RegExp(word) : word);
  }, soon);
}

/** Presses a button of the dialog that is open: the page behind it may have one of the same name. */
const press = (page: Page, name: string) =>
  page.getByRole('dialog').getByRole('button', { name, exact: true }).last().click();

testWithFiles(
  'each tap is asked back and arrives; a job that comes later is there',
  { timeout: 400_000 },
  async () => {
    const { daemon, home, open } = await seat('embedded');
    const { bus } = daemon;
    await bus.command('job/nightly/do/start');
    await bus.command('job/cold/do/start');
    const { page, context } = await open('overview');
    await says(page, 'Nightly plots', 'Demo plots', 'Cold storage blocked', FIRST);

    const row = page.getByRole('button', { name: 'Nightly plots, worker 1: ' });
    await row.click();
    await press(page, 'Pause');
    await says(page, 'Suspend this worker');
    // Gone back from, it does nothing.
    await press(page, 'Cancel');
    await press(page, 'Pause');
    await press(page, 'Pause');
    await bus.shows('job/nightly/worker/1', { status: 'paused' });
    await says(page, 'Done.');
    await press(page, 'Resume');
    await press(page, 'Resume');
    await bus.shows('job/nightly/worker/1', { status: 'plotting' });
    await press(page, 'Start a worker');
    await says(page, 'Start one more worker of Nightly plots');
    await press(page, 'Start a worker');
    await bus.shows('job/nightly', { workers: 2 });
    await press(page, 'Dismiss');
    await says(page, 'is lost');
    await press(page, 'Dismiss');
    await bus.shows('job/nightly', { workers: 1 });
    await bus.shows('job/nightly/worker/1', { status: 'idle' });
    await press(page, 'Close');
    await says(page, new RegExp(`Nightly plots running.* 1 idle 2 ${FIRST.source}`));
    await context.close();

    const jobs = await open('jobs');
    await says(jobs.page, 'Nightly plots', 'Start a worker');
    await jobs.page.locator('hui-tile-card:has-text("Start a worker")').nth(2).click();
    await says(jobs.page, 'Start one more worker of Nightly plots');
    await jobs.page.getByRole('button', { name: 'OK', exact: true }).last().click();
    await bus.shows('job/nightly', { workers: 2 });
    const later = { id: 'later', title: 'Later plots', plotter: 'madmax', enabled: false };
    expect(await bus.command('bridge/request/job/create', later)).toMatchObject({ status: 'ok' });
    await says(jobs.page, 'Later plots');
    await jobs.context.close();
    expect(await home.warnings()).toEqual([]);
  },
);

testWithFiles('the timeline over restarts is what the history says', { timeout: 400_000 }, async () => {
  const { daemon, home, open } = await seat('mosquitto');
  const { bus } = daemon;
  await bus.command('job/demo/do/start');
  await bus.command('job/nightly/do/start');
  await bus.shows('job/demo/worker/1', { status: 'plotting' });
  await home.restart();
  await daemon.restart();
  // What lasts a moment only may be told as if it had not been: each plot is seen in Home Assistant first.
  const seen = (state: string) =>
    vi.waitFor(
      async () => expect(await home.state('sensor.plot2mqtt_demo_worker_1_status')).toBe(state),
      soon,
    );
  await seen('plotting');
  await allow(daemon, 'all');
  await seen('idle');
  await rm(daemon.path('all'));
  await bus.command('job/demo/do/start', '1');
  await seen('plotting');
  await allow(daemon, 'all');
  await seen('idle');

  await vi.waitFor(async () => expect(await busySpans(home)).toHaveLength(2), soon);
  const [spans, lines] = [await busySpans(home), await historyLines(daemon)];
  expect(lines).toHaveLength(2);
  for (const [index, { from, to }] of spans.entries()) {
    const line = lines[index];
    expect(Math.abs(from - Date.parse(line?.started_at ?? ''))).toBeLessThan(SLACK_MS);
    expect(Math.abs(to - Date.parse(line?.ended_at ?? ''))).toBeLessThan(SLACK_MS);
  }

  const { page, context } = await open('overview');
  await says(page, 'Demo plots', new RegExp(`Nightly plots running.*${FIRST.source}`));
  // A short one is drawn in one piece.
  const bars = await page.locator('.rows[data-job=demo] svg :is(rect.phase, rect.made)').count();
  expect(bars).toBeGreaterThan(0);
  await context.close();
});

/** Home Assistant hears of a state when it was published, and writes its own time. */
const SLACK_MS = 5_000;

/** When the first slot of the job was busy, as the card reads it out of Home Assistant's history. */
async function busySpans(home: HomeAssistant): Promise<{ from: number; to: number }[]> {
  const [id, hour] = ['sensor.plot2mqtt_demo_worker_1_status', 3_600_000];
  const now = Date.now();
  const states = await home.command<Record<string, HistoryState[]>>('history/history_during_period', {
    ...{ start_time: new Date(now - hour).toISOString(), entity_ids: [id] },
    ...{ minimal_response: false, no_attributes: false, significant_changes_only: false },
  });
  const status = withMessage(new Map(), { states }, now - hour).get(id) ?? [];
  const busy = pastSegments({ status, phase: [], titles: [] }, { from: now - hour, to: now });
  const spans: { from: number; to: number }[] = [];
  for (const { from, to } of busy) {
    const last = spans.at(-1);
    // The restarts are a gap of which nothing is known, in the middle of a plot.
    if (last && from - last.to < 1) last.to = to;
    else spans.push({ from, to });
  }
  return spans;
}

async function historyLines(daemon: TestDaemon): Promise<{ started_at: string; ended_at: string }[]> {
  return (await daemon.lines('data', 'history.jsonl')).map((line) => JSON.parse(line));
}
