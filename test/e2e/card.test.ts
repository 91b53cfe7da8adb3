import { expect, onTestFinished, test, vi } from 'vitest';
import * as z from 'zod';
import { type Browser, openBrowser, type Page } from '../support/browser/playwright.ts';
import { cellar, farmOf, hall } from '../support/card/farm.ts';
import { openCard } from '../support/card/page.ts';

// The card without Home Assistant: what it says, and what it does, of a farm that never was.
const DESK = { width: 1000, height: 900, scheme: 'light' } as const;

async function browser(): Promise<Browser> {
  const opened = await openBrowser();
  onTestFinished(() => opened.close());
  return opened;
}

/** It draws at most once a second. */
const soon = { timeout: 15_000, interval: 50 };
/** Where the card draws. */
const ROOT = "document.querySelector('plot2mqtt-timeline-card').root";
const dialogs = (page: Page) => page.locator('dialog[open]').count();

test('with the keyboard: a row opens its worker, what is done is asked back, Escape leaves', async () => {
  const { page } = await openCard(await browser(), cellar(Date.now()), DESK);
  const row = page.getByRole('button', { name: 'Nightly plots, worker 3: ' });
  await vi.waitFor(async () => expect(await row.count()).toBe(1), soon);
  await row.focus();
  await page.keyboard.press('Enter');
  await vi.waitFor(async () => expect(await dialogs(page)).toBe(1), soon);
  for (const text of ['the event "next"', '/mnt/nvme2/tmp'])
    expect(await page.getByText(text, { exact: true }).count()).toBe(1);
  const calls = async () => z.array(z.array(z.unknown())).parse(await page.evaluate('window.calls'));

  await page.getByRole('button', { name: 'Dismiss', exact: true }).click();
  await page.getByRole('button', { name: 'Cancel', exact: true }).click();
  expect(await calls()).toEqual([]);
  await page.getByRole('button', { name: 'Dismiss', exact: true }).click();
  await page.getByRole('button', { name: 'Dismiss', exact: true }).click();
  await vi.waitFor(
    async () =>
      expect(await calls()).toEqual([
        ['button', 'press', {}, { entity_id: 'button.plot2mqtt_nightly_worker_3_dismiss' }],
      ]),
    soon,
  );
  await page.keyboard.press('Escape');
  await vi.waitFor(async () => expect(await dialogs(page)).toBe(0), soon);
});

test('an ETA that passes reads "any moment"; a state that changes is drawn', async () => {
  const farm = farmOf(Date.now(), [{ id: 'a', title: 'Plots', slots: 1, hours: 5 }]);
  const { page } = await openCard(await browser(), farm, DESK);
  const worker = 'plot2mqtt_a_worker_1';
  const said = () => page.locator('.row').first().textContent();
  await vi.waitFor(async () => expect(await said()).toMatch(/ready/), soon);
  const past = new Date(Date.now() - 60_000).toISOString();
  await page.evaluate(`window.change('sensor.${worker}_eta', '${past}')`);
  await vi.waitFor(async () => expect(await said()).toMatch(/any moment/), soon);
  await page.evaluate(`window.change('sensor.${worker}_status', 'paused')`);
  await vi.waitFor(async () => expect(await said()).toMatch(/paused/), soon);
});

test('why a worker failed stands below its rows, what is expected is grey, full disks are one line that opens', async () => {
  const { page } = await openCard(await browser(), cellar(Date.now()), DESK);
  const says = (text: string | RegExp) => page.getByText(text).first();
  await says(/Worker 5 failed .*: the plotter ended with exit code 1: No space left on device/).waitFor();
  for (const text of ['expected', 'started by an event', 'paused']) await says(text).waitFor();
  const looks = await page.evaluate(
    `[...new Set([...${ROOT}.querySelectorAll('rect.ahead')].map((bar) => bar.getAttribute('class')))]`,
  );
  expect(looks).toEqual(['ahead phase-0']);

  // What is said of the disk that is away is what its daemon says.
  await says('destination /mnt/farm20/plots is not mounted').waitFor();
  const full = page.getByText('/mnt/farm01', { exact: true });
  expect(await full.isVisible()).toBe(false);
  await says('17 full disks').click();
  await full.waitFor();
  expect(await page.getByText('/mnt/farm18', { exact: true }).isVisible()).toBe(true);
});

test('nothing passes over a job’s header: it is as wide as the card, above the arrows', async () => {
  const { page } = await openCard(await browser(), cellar(Date.now()), DESK);
  await vi.waitFor(
    async () => expect(await page.locator('.arrows path.arrow').count()).toBeGreaterThan(3),
    soon,
  );
  const seen = z.array(z.object({ above: z.number(), beside: z.number() })).parse(
    await page.evaluate(`[...${ROOT}.querySelectorAll('section > .title')].map((title) => ({
      above: getComputedStyle(title).zIndex - getComputedStyle(${ROOT}.querySelector('.arrows')).zIndex,
      beside: title.parentElement.clientWidth - title.clientWidth,
    }))`),
  );
  expect(seen).toEqual(Array(3).fill({ above: 1, beside: 0 }));
});

test('on a phone a row says what it does on a desk, and a tap opens the legend', async () => {
  const look = { width: 412, height: 900, scheme: 'light' } as const;
  const { page } = await openCard(await browser(), cellar(Date.now()), look);
  const row = page.getByRole('button', { name: 'Nightly plots, worker 1: ' });
  await vi.waitFor(
    async () => expect(await row.textContent()).toMatch(/Checkpoint tables\s+95 % · ready/),
    soon,
  );
  const entry = page.getByText('5 Move to the destination', { exact: true });
  expect(await entry.isVisible()).toBe(false);
  await page.getByText('Legend', { exact: true }).click();
  await entry.waitFor();
});

test('it asks nobody for anything, with a hundred slots too', async () => {
  const { page } = await openCard(await browser(), hall(Date.now()), DESK);
  await vi.waitFor(async () => expect(await page.locator('.row').count()).toBe(100), soon);
  await vi.waitFor(async () => expect(await page.locator('rect.phase').count()).toBeGreaterThan(500), soon);
  expect(await page.evaluate('performance.getEntriesByType("resource").length')).toBe(0);
});

test('on a phone, in German, from right to left: nothing is cut off, nothing beside the page', async () => {
  const chromium = await browser();
  for (const [language, direction] of [
    ['de', 'ltr'],
    ['he', 'rtl'],
  ] as const) {
    const look = { width: 360, height: 800, scheme: 'dark', language, direction } as const;
    const { page, context } = await openCard(chromium, cellar(Date.now()), look);
    await vi.waitFor(
      async () => expect(await page.locator('.arrows path.arrow').count()).toBeGreaterThan(3),
      soon,
    );
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
    await context.close();
  }
});
