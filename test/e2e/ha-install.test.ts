import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, onTestFinished, vi } from 'vitest';
import * as z from 'zod';
import { parse } from 'yaml';
import { openPage } from '../support/browser/home-assistant-page.ts';
import { type Browser, openBrowser } from '../support/browser/playwright.ts';
import { startDaemon } from '../support/e2e/daemon.ts';
import { ENDLESS } from '../support/e2e/plotters.ts';
import { reached, soon } from '../support/homeassistant/automations.ts';
import { testWithFiles } from '../support/homeassistant/examples.ts';
import { type HomeAssistant, startHomeAssistant } from '../support/homeassistant/home.ts';

const ROOT = join(import.meta.dirname, '../..');

const TIMELINE = 'custom:plot2mqtt-timeline-card';
const DESK = { screen: 'desk', scheme: 'light' } as const;

/** Puts the timeline into a dashboard as a user does: out of the list of cards, by its form, and as it is suggested. */
async function addCards(browser: Browser, home: HomeAssistant): Promise<void> {
  const url_path = 'cards-by-hand';
  await home.command('lovelace/dashboards/create', { url_path, title: 'By hand', mode: 'storage' });
  const sections = [{ type: 'grid', cards: [{ type: 'heading', heading: 'By hand' }] }];
  const views = [{ type: 'sections', path: 'home', title: 'Home', sections }];
  await home.command('lovelace/config/save', { url_path, config: { views } });
  const saved = (cards: object[]) =>
    vi.waitFor(async () => {
      const config = await home.command<{ views: typeof views }>('lovelace/config', { url_path });
      expect(config.views[0]?.sections[0]?.cards.slice(1)).toEqual(cards);
    }, soon);

  const { page } = await openPage(browser, home, `/${url_path}/home?edit=1`, DESK);
  const add = page.locator('hui-grid-section .add').first();
  await add.click();
  await page.getByText('By card', { exact: true }).last().click();
  await page.locator('hui-card-picker input').first().fill('plot2mqtt');
  // It is found, shows what there is, and so does what is taken.
  const offered = page.locator('hui-card-picker .card').first();
  await offered.getByText('Nightly plots').first().waitFor();
  await offered.click();
  const editor = page.locator('hui-dialog-edit-card');
  await editor.getByText('Nightly plots').first().waitFor();
  // The fields come one by one, each when its code has loaded.
  await editor.locator('ha-selector-number input').first().fill('24');
  await editor.getByText('Add Jobs').first().click();
  await editor.locator('ha-selector-text').first().locator('input').first().fill('nightly');
  await editor.locator('ha-switch').first().click();
  await editor.getByText('Layout', { exact: true }).first().click();
  await editor.getByText('Full width × Fit content').first().waitFor();
  await editor.getByRole('button', { name: 'Save', exact: true }).last().click();
  const byForm = { type: TIMELINE, hours: 24, jobs: ['nightly'], disks: false };
  await saved([byForm]);

  await add.click();
  await page.getByText('By entity', { exact: true }).last().click();
  const dialog = page.locator('hui-dialog-create-card');
  await dialog.locator('input').first().fill('Nightly plots worker 1 status');
  await dialog.getByText('Nightly plots worker 1', { exact: true }).last().click();
  const suggested = dialog.locator('hui-suggestion-card').last();
  await suggested.getByText('Nightly plots').first().waitFor();
  await suggested.click();
  await saved([byForm, { type: TIMELINE, jobs: ['nightly'] }]);
}

/** The blocks of code in a language in a section of the README. */
async function blocks(heading: string, language: string): Promise<string[]> {
  const text = await readFile(join(ROOT, 'homeassistant/README.md'), 'utf8');
  const section = text.split(/^## /m).find((each) => each.startsWith(`${heading}\n`));
  const found = (section ?? '').matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'));
  return [...found].map(([, block = '']) => block.replace(/^ {3}/gm, ''));
}

testWithFiles('what the README says makes a dashboard that works', { timeout: 300_000 }, async () => {
  const daemon = await startDaemon({
    ...{ broker: 'mosquitto' },
    config: { homeassistant: { discovery: true }, jobs: { nightly: { ...ENDLESS, title: 'Nightly plots' } } },
  });
  const [command = ''] = await blocks('Copy the files', 'sh');
  const words = command.trim().split(' ');
  expect(words).toEqual(['plot2mqtt', 'homeassistant', '/path/to/homeassistant']);
  let folder = '';
  const copy = async () =>
    (await execa(process.execPath, [join(ROOT, 'dist/main.js'), 'homeassistant', folder])).stdout;

  // "Copy the files", and connect Home Assistant by its form.
  let said = '';
  const home = await startHomeAssistant({
    port: Number(new URL(daemon.url).port),
    async prepare(directory) {
      folder = directory;
      said = await copy();
    },
  });
  onTestFinished(() => home.destroy());
  await reached(home, 'switch.plot2mqtt_nightly_paused');

  // What it says is left to do: restart, the resource, the dashboard.
  await home.restart();
  const [url = ''] = /\/local\/plot2mqtt\.js\?v=\w+/.exec(said) ?? [];
  await home.command('lovelace/resources/create', { res_type: 'module', url });
  const url_path = 'plot2mqtt-farm';
  await home.command('lovelace/dashboards/create', { url_path, title: 'Plotting', mode: 'storage' });
  const [strategy = ''] = await blocks('The dashboard', 'yaml');
  await home.command('lovelace/config/save', { url_path, config: parse(strategy) });
  await vi.waitFor(async () => expect(await copy()).toMatch(/Nothing is left to do\.$/), soon);

  // The dashboard is there, the blueprints are listed, the package's scripts too.
  await daemon.bus.command('job/nightly/do/start');
  await daemon.bus.event('plotter_started', { job: 'nightly' }, 1);
  const browser = await openBrowser();
  onTestFinished(() => browser.close());
  const { seen } = await openPage(browser, home, `/${url_path}`, DESK);
  expect(seen.texts.join(' ')).toMatch(/Nightly plots/);
  expect(seen.errors).toEqual([]);
  const listed = z
    .record(z.string(), z.looseObject({ metadata: z.object({ description: z.string() }).optional() }))
    .parse(await home.command('blueprint/list', { domain: 'automation' }));
  const names = Object.keys(listed).filter((name) => name.startsWith('plot2mqtt/'));
  expect(names.sort()).toEqual([
    ...['plot2mqtt/day_report.yaml', 'plot2mqtt/disk_nearly_full.yaml'],
    ...['plot2mqtt/drain_before_shutdown.yaml', 'plot2mqtt/notify.yaml', 'plot2mqtt/notify_older.yaml'],
    ...['plot2mqtt/run_while.yaml', 'plot2mqtt/start_by_schedule.yaml'],
  ]);
  for (const name of names) expect(listed[name]?.metadata?.description, name).toMatch(/\S/);
  expect(await home.state('script.plot2mqtt_create_job')).toBe('off');
  await addCards(browser, home);
  expect(await home.warnings()).toEqual([]);
});
