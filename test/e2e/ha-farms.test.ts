import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connectAsync } from 'mqtt';
import { expect, onTestFinished, vi } from 'vitest';
import * as z from 'zod';
import { lookAt } from '../support/browser/look.ts';
import { openPage } from '../support/browser/home-assistant-page.ts';
import { openBrowser, type Page } from '../support/browser/playwright.ts';
import { retainedOn } from '../support/e2e/bus.ts';
import { type ConfigInput, prepareDaemon, startDaemon, type TestDaemon } from '../support/e2e/daemon.ts';
import { ENDLESS } from '../support/e2e/plotters.ts';
import type { RegistryEntity } from '../support/homeassistant/api.ts';
import { addResource, addStrategy, folderWithCard } from '../support/homeassistant/dashboards.ts';
import { testWithFiles } from '../support/homeassistant/examples.ts';
import { type HomeAssistant, startHomeAssistant } from '../support/homeassistant/home.ts';
import { inStep, SOON } from '../support/homeassistant/in-step.ts';

const EARLIER = join(import.meta.dirname, '../fixtures/homeassistant/version-0.1');
/** What the ids of its entities begin with. */
const EARLIER_INSTANCE = 'plot2mqtt__a45f47ad3ac9__';
const DESK = { screen: 'desk', scheme: 'light' } as const;
const JOBS = { nightly: { ...ENDLESS, title: 'Nightly plots', max_workers: 2, plots_to_do: 10 } };
const SLOTS = { extra: 1, nightly: 2 };
/** No document is larger (contract, section 6). */
const MOST_BYTES = 32 * 1024;

/** What stood on a broker when version 0.1 was stopped, and its data directory: today's daemon, not started yet. */
async function layOutEarlier(): Promise<TestDaemon> {
  const daemon = await prepareDaemon({ broker: 'mosquitto', config: configWith(0) });
  await cp(join(EARLIER, 'data-dir'), daemon.path('data'), { recursive: true });
  const text = await readFile(join(EARLIER, 'retained.json'), 'utf8');
  const retained = z.record(z.string(), z.string()).parse(JSON.parse(text));
  const client = await connectAsync(daemon.url);
  for (const [topic, payload] of Object.entries(retained))
    await client.publishAsync(topic, payload, { qos: 1, retain: true });
  await client.endAsync();
  return daemon;
}

const holdNames = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => `h${String(from + index).padStart(3, '0')}`);

/** A configuration with so many named holds, each a switch of the bridge's document. */
function configWith(to: number, from = 0, more = ''): ConfigInput {
  const title = (name: string) => `${name}: expensive power${more}`;
  const holds = Object.fromEntries(holdNames(from, to).map((name) => [name, { title: title(name) }]));
  return { homeassistant: { discovery: true }, jobs: JOBS, holds };
}

/** The names of all documents on the broker of a daemon, with their sizes in bytes. */
async function documents({ url }: TestDaemon): Promise<[string, number][]> {
  const all = [...(await retainedOn(url))].filter(([topic]) => topic.startsWith('homeassistant/device/'));
  return all.map(([topic, { text }]) => [topic, Buffer.byteLength(text)]);
}

async function registered(home: HomeAssistant): Promise<Pick<RegistryEntity, 'entity_id' | 'unique_id'>[]> {
  const entities = (await home.entities()).map(({ entity_id, unique_id }) => ({ entity_id, unique_id }));
  return entities.sort((one, other) => one.unique_id.localeCompare(other.unique_id));
}

async function says(page: Page, ...words: RegExp[]): Promise<string> {
  return vi.waitFor(async () => {
    const said = (await lookAt(page)).texts.join(' ');
    for (const word of words) expect(said).toMatch(word);
    return said;
  }, SOON);
}

testWithFiles(
  'an upgrade from 0.1, a second daemon, a farm too large for one document',
  { timeout: 600_000 },
  async () => {
    const daemon = await layOutEarlier();
    const home = await startHomeAssistant({
      ...{ port: Number(new URL(daemon.url).port), files: await folderWithCard() },
    });
    onTestFinished(() => home.destroy());

    // What 0.1 has announced, and what its user made of it.
    const earlier = await vi.waitFor(async () => {
      const there = await registered(home);
      expect(there).toHaveLength(75);
      return there;
    }, SOON);
    const renamed = { 'sensor.plot2mqtt_nightly_progress': 'sensor.my_progress' };
    await home.command('config/entity_registry/update', {
      ...{ entity_id: 'sensor.plot2mqtt_nightly_progress', new_entity_id: 'sensor.my_progress' },
      name: 'How far it is',
    });
    const nightly = (await home.devices()).find(({ name }) => name === 'Nightly plots');
    await home.command('config/device_registry/update', {
      device_id: nightly?.id,
      name_by_user: 'The cellar',
    });
    await daemon.start();
    const { bus } = daemon;
    // The disks are looked at a while later.
    await vi.waitFor(async () => {
      const ids = (await registered(home)).map(({ unique_id }) => unique_id);
      expect(ids).toContainEqual(expect.stringContaining('__bridge__used'));
    }, SOON);
    await inStep(home, daemon, SLOTS, { renamed });
    const now = new Map((await registered(home)).map(({ unique_id, entity_id }) => [unique_id, entity_id]));
    // Each is what it was, or gone; free room is known by the file system now, not by the directory.
    const gone = earlier.filter(({ unique_id }) => !now.has(unique_id)).map(({ entity_id }) => entity_id);
    expect(gone.filter((id) => !id.startsWith('sensor.plot2mqtt_free_space_'))).toEqual([]);
    for (const { unique_id, entity_id } of earlier)
      if (now.has(unique_id)) {
        const known: Record<string, string> = renamed;
        expect(now.get(unique_id)).toBe(known[entity_id] ?? entity_id);
      }
    const progress = (await home.states()).get('sensor.my_progress');
    expect(progress).toMatchObject({
      state: '10',
      attributes: { friendly_name: 'The cellar How far it is' },
    });
    expect((await home.devices()).map(({ id }) => id)).toContain(nightly?.id);
    expect(await home.warnings()).toEqual([]);

    // A second daemon: commands reach the one that is meant, a dashboard shows both, or one.
    const other = await startDaemon({
      ...{ base: 'rig2', beside: daemon },
      config: { ...configWith(60), jobs: { nightly: { ...ENDLESS, title: 'Rig plots' } } },
    });
    await inStep(home, other, { nightly: 1 }, { holds: holdNames(0, 60) });
    expect((await documents(other)).map(([topic]) => topic)).toContainEqual(
      expect.stringMatching(/__part__2/),
    );
    const both = await registered(home);
    await addResource(home);
    const farm = await addStrategy(home, 'plot-farm', {});
    const rig = await addStrategy(home, 'plot-rig', { base_topic: 'rig2' });
    const browser = await openBrowser();
    onTestFinished(() => browser.close());
    const all = await openPage(browser, home, `${farm}/jobs`, DESK);
    await says(all.page, /plot2mqtt: The cellar/, /plot2mqtt: Extra plots/, /rig2: Rig plots/);
    await all.context.close();
    const one = await openPage(browser, home, `${rig}/jobs`, DESK);
    expect(await says(one.page, /Rig plots/)).not.toMatch(/The cellar|Extra plots|rig2: /);
    expect(one.seen.errors).toEqual([]);
    await one.page.locator('hui-tile-card:has-text("Start a worker")').first().click();
    await one.page.getByRole('button', { name: 'OK', exact: true }).last().click();
    await other.bus.shows('job/nightly', { workers: 1 });
    await one.context.close();
    await home.act('switch.turn_on', 'switch.plot2mqtt_nightly_paused');
    await bus.shows('job/nightly', { paused: true, workers: 0 });
    await other.bus.shows('job/nightly', { paused: false, workers: 1 });
    expect(await home.warnings()).toEqual([]);

    // Forgetting one leaves the other alone.
    await other.stop();
    const forgotten = await other.run(['forget', '--config', other.configFile]);
    expect(forgotten).toMatchObject({ code: 0, stdout: expect.stringMatching(/, and 3 devices of Home/) });
    await vi.waitFor(async () => expect(await home.devices()).toHaveLength(6), SOON);
    await inStep(home, daemon, SLOTS, { renamed });
    const left = both.filter(({ unique_id }) => unique_id.startsWith(EARLIER_INSTANCE));
    expect(await registered(home)).toEqual(left);
    expect(await home.warnings()).toEqual([]);

    // More than one document holds.
    const holds = async (from: number, to: number, more = '') => {
      await daemon.configure(configWith(to, from, more));
      expect(await bus.command('bridge/request/reload')).toMatchObject({ status: 'ok' });
    };
    const shows = async (from: number, to: number, parts: number) => {
      await inStep(home, daemon, SLOTS, { renamed, holds: holdNames(from, to) });
      await vi.waitFor(async () => {
        const bridge = (await documents(daemon)).filter(([topic]) => topic.includes('__bridge'));
        expect(bridge).toHaveLength(parts);
        for (const [topic, bytes] of bridge) expect(bytes, topic).toBeLessThanOrEqual(MOST_BYTES);
      }, SOON);
      expect(await home.devices()).toHaveLength(6);
    };
    await holds(0, 120);
    await shows(0, 120, 3);
    // It shrinks at its beginning and grows at its end, then while Home Assistant is away, and the daemon.
    await holds(40, 130);
    await shows(40, 130, 3);
    // Longer titles don't fit where they are: those of some move to another part.
    await holds(40, 130, ', or the cellar is too warm for more than one plotter at once');
    await shows(40, 130, 3);
    await vi.waitFor(async () => {
      const { attributes } = (await home.states()).get('switch.plot2mqtt_hold_h129') ?? {};
      expect(attributes?.friendly_name).toMatch(/one plotter at once$/);
    }, SOON);
    expect(await home.warnings()).toEqual([]);
    const restarted = home.restart();
    await holds(60, 150);
    await restarted;
    await shows(60, 150, 3);
    await daemon.stop();
    await daemon.configure(configWith(160, 100));
    await daemon.start();
    await shows(100, 160, 3);
    await holds(0, 0);
    await shows(0, 0, 1);
    expect(await registered(home)).toEqual(left);
    expect(await home.warnings()).toEqual([]);
  },
);
