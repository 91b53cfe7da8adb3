import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { openPlain, photograph } from '../support/browser/images.ts';
import { type Browser, openBrowser } from '../support/browser/playwright.ts';
import { eveningOf } from '../support/farm/evening.ts';
import { BROKERS, startDaemon } from '../support/e2e/daemon.ts';
import { cellar } from '../support/card/farm.ts';
import { allow, ENDLESS, QUICK, STEPPING_JOB } from '../support/e2e/plotters.ts';
import { answerHistory, pretend } from '../support/homeassistant/pretend.ts';
import { startMosquitto } from '../support/mosquitto.ts';
import { readFlows, setUp } from '../support/node-red/flows.ts';
import { NodeRed } from '../support/node-red/node-red.ts';

const FOLDER = join(import.meta.dirname, '../../homeassistant/node-red');
const soon = { timeout: 40_000, interval: 50 };

async function startNodeRed(): Promise<NodeRed> {
  const nodeRed = await NodeRed.start();
  onTestFinished(() => nodeRed.stop());
  return nodeRed;
}

async function browser(): Promise<Browser> {
  const opened = await openBrowser();
  onTestFinished(() => opened.close());
  return opened;
}

/** The base topic is one variable of the tab; it may have several levels. */
const BASES = { embedded: 'plot2mqtt', mosquitto: 'cellar/rig2' };

test.each(BROKERS)('the flows show workers and start one job after another, %s broker', async (broker) => {
  const first = { ...QUICK, title: 'First', plots_to_do: 1 };
  const next = { ...STEPPING_JOB, title: 'Next', max_workers: 3 };
  const broken = { ...QUICK, arguments: { dest_dir: 'not/there' } };
  const base = BASES[broker];
  const daemon = await startDaemon({
    ...{ broker, base },
    config: { plotters: { madmax: { command: ENDLESS.command } }, jobs: { first, next, broken } },
  });
  const { bus } = daemon;
  const nodeRed = await startNodeRed();
  const flows = setUp(await readFlows(join(FOLDER, 'flows.json')), daemon.url, {
    env: { FIRST_JOB: 'first', NEXT_JOB: 'next', ...(base !== 'plot2mqtt' && { BASE: base }) },
  });
  await nodeRed.deploy(flows);
  const shows = (node: string, text: RegExp) =>
    vi.waitFor(() => expect(nodeRed.status.get(node)).toMatch(text), soon);
  const starts = () => bus.messages.filter(({ topic }) => topic === bus.topic('job/next/do/start'));
  await shows('p2m-progress', /^nothing is being plotted$/);
  await shows('p2m-attention', /^no job is blocked$/);
  await bus.command('job/broken/do/start');
  await shows('p2m-attention', /^broken: missing directory$/);
  await shows('p2m-once', /^waits for first, then next$/);

  // The first end starts one worker of the next job, and says so.
  await bus.command('job/first/do/start');
  await bus.event('job_end', { job: 'first' }, 1);
  await bus.event('worker_started', { job: 'next' }, 1);
  await shows('p2m-answer', /^next started 1 at /);
  await shows('p2m-progress', /^next 1: \d+(\.\d)? %, stage 1/);
  expect(starts()).toEqual([
    expect.objectContaining({ text: expect.stringMatching(/^\{"value":1,/), retain: false, qos: 1 }),
  ]);

  // Progress moves; a worker that is paused says so; so does one of a job that was not there before.
  await allow(daemon, 1);
  await shows('p2m-progress', /^next 1: \d+(\.\d)? %, stage 2/);
  await bus.command('job/next/worker/1/set/paused', 'ON');
  await shows('p2m-progress', /next 1: .* %, paused$/);
  const later = { id: 'later', plotter: 'madmax', check_space: false };
  expect(await bus.command('bridge/request/job/create', later)).toMatchObject({ status: 'ok' });
  await bus.command('job/later/do/start');
  await shows('p2m-progress', /^later 1: \d+(\.\d)? %, stage .* · next 1: .* %, paused$/);

  // Neither another deploy nor another connection starts anything.
  const before = bus.events({ job: 'first', type: 'job_end' }).length;
  await nodeRed.deploy(flows);
  await shows('p2m-progress', /next 1: .* %, paused$/);
  expect(starts()).toHaveLength(1);
  const { mosquitto } = daemon;
  const cut = bus.mark();
  await nodeRed.reconnected(() => (mosquitto ? mosquitto.restart() : daemon.restart()));
  await nodeRed.connected(flows);
  await bus.message('bridge/state', (text) => text === 'online', cut);
  await shows('p2m-progress', /next 1: .* %, paused$/);
  expect(starts()).toHaveLength(1);
  expect(bus.events({ job: 'first', type: 'job_end' })).toHaveLength(before);

  // The second end starts one more, and an event that comes twice doesn't.
  await bus.command('job/first/do/reset');
  await bus.command('job/first/do/start');
  const end = await bus.event('job_end', { job: 'first' }, 2);
  await bus.event('worker_started', { job: 'next' }, 2);
  await bus.publish('job/first/event/job_end', { ...end });
  await bus.publish('job/next/event/job_end', { ...end, id: 'another', job: 'next' });
  await bus.publish('job/first/event/job_end', { ...end, id: 'third' });
  await bus.event('worker_started', { job: 'next' }, 3);
  expect(starts()).toHaveLength(3);

  // A start that is refused is shown.
  await bus.publish('job/first/event/job_end', { ...end, id: 'fourth' });
  await shows('p2m-answer', /^limit_reached: /);
  expect(nodeRed.sinceDeploy()).not.toMatch(/\[(error|warn)\]/);

  const page = await openPlain(await browser(), `${nodeRed.url}/#flow/p2m-tab`, { width: 1280, height: 640 });
  await page.locator('.red-ui-flow-node').first().waitFor();
  await page.evaluate("RED.sidebar.hide?.(), RED.actions.invoke('core:toggle-sidebar')");
  await page.getByText('next 1:').first().waitFor();
  expect(await photograph(page, 'node-red.png')).toBeGreaterThan(10_000);
});

test('the dashboard shows jobs, disks, moves and history, and asks back before it does anything', async () => {
  const nightly = { ...STEPPING_JOB, title: 'Nightly plots', max_workers: 3 };
  const other = { ...STEPPING_JOB, title: 'Other plots', plots_to_do: 10 };
  const base = BASES.mosquitto;
  const daemon = await startDaemon({
    ...{ broker: 'mosquitto', base },
    config: {
      jobs: { nightly, other, quick: { ...QUICK, title: 'Quick plots' } },
      moves: { farm: { title: 'To the farm', from: 'plots', to: 'farm' } },
    },
    files: { 'farm/.keep': '' },
  });
  const { bus } = daemon;
  await bus.command('job/quick/do/start');
  await bus.event('worker_end', { job: 'quick' }, 1);
  await bus.command('job/other/do/start');
  await allow(daemon, 1, 2);
  await bus.event('stage_started', { job: 'other', stage: '3' });
  await bus.command('job/other/worker/1/set/paused', 'ON');
  await bus.command('job/nightly/do/start');
  const nodeRed = await startNodeRed();
  const flows = await readFlows(join(FOLDER, 'flows-dashboard.json'));
  await nodeRed.deploy(setUp(flows, daemon.url, { env: { BASE: base } }));

  const page = await openPlain(await browser(), `${nodeRed.url}/dashboard/plotting`, {
    width: 1280,
    height: 900,
  });
  const shows = (text: RegExp) =>
    vi.waitFor(async () => expect(await page.evaluate('document.body.innerText')).toMatch(text), soon);
  for (const title of ['CPU', 'Memory', 'Running workers', 'Plots today', 'To the farm'])
    await page.getByText(title, { exact: true }).first().waitFor();
  // What each job does and waits for, the room on the disk, what has ended.
  await shows(/Other plots[\s\S]*1: paused, stage 3/);
  await shows(/Nightly plots[\s\S]*1: plotting, stage 3/);
  const { waiting_text } = await bus.shows('job/quick', { workers: 0 });
  await shows(new RegExp(String(waiting_text).replace(/[^a-z ]/gi, '.')));
  await shows(/GiB free/);
  await shows(/Result[\s\S]*quick[\s\S]*done/);
  // The maximum is that of the data: 3 + 1 + 1 workers, and never the one in the file.
  await shows(/\b5\b/);

  // A click asks back; "Cancel" sends nothing, the answer is shown.
  const commands = () => bus.messages.filter(({ topic }) => topic === bus.topic('job/nightly/set/paused'));
  const pause = page.getByRole('button', { name: 'Pause', exact: true });
  await pause.first().click();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await pause.first().click();
  await page.getByRole('dialog').getByRole('button', { name: 'Pause', exact: true }).click();
  await bus.shows('job/nightly', { paused: true });
  await shows(/Done: job\/nightly\/set\/paused/);
  expect(commands()).toHaveLength(1);
  await page.getByRole('button', { name: 'Start', exact: true }).first().click();
  await page.getByRole('dialog').getByRole('button', { name: 'Start', exact: true }).click();
  await shows(/Refused \(job_paused\)/);
  // What has ended meanwhile comes by itself.
  await bus.command('job/other/worker/1/do/dismiss');
  await shows(/dismissed/);
  expect(nodeRed.sinceDeploy()).not.toMatch(/\[(error|warn)\]/);
});

test('the dashboard of a farm: what adds up there adds up here', async () => {
  const broker = await startMosquitto();
  onTestFinished(async () => broker.stop());
  const now = Date.now();
  const { told } = cellar(now);
  const { timezoneId } = eveningOf(now);
  const client = await pretend(told, broker.url);
  await answerHistory(client, told);
  const nodeRed = await startNodeRed();
  await nodeRed.deploy(setUp(await readFlows(join(FOLDER, 'flows-dashboard.json')), broker.url));
  const size = { width: 1280, height: 1440 };
  const page = await openPlain(await browser(), `${nodeRed.url}/dashboard/plotting`, size, { timezoneId });
  const shows = (text: RegExp) =>
    vi.waitFor(async () => expect(await page.evaluate('document.body.innerText')).toMatch(text), soon);
  // Most disks are full, and one line; the others have their room, or what is wrong with them.
  await shows(/17 full disks/);
  await shows(/\/mnt\/farm18[\s\S]*TiB free[\s\S]*\/mnt\/farm20[\s\S]*not mounted/);
  for (const { title, plots_done } of told.jobViews.values())
    await shows(new RegExp(`${title}[\\s\\S]*${plots_done}`));
  await shows(/To the farm[\s\S]*2 waiting, \d+ moved, \d+ MiB\/s/);
  await shows(/nightly[\s\S]*6 h 20 min/);
  expect(nodeRed.sinceDeploy()).not.toMatch(/\[(error|warn)\]/);
  expect(await photograph(page, 'node-red-dashboard.png')).toBeGreaterThan(10_000);
});
