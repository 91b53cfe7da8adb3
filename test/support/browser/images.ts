import { mkdir, mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from './playwright.ts';

/** The pictures that homeassistant/README.md shows. */
const SHOWN = [
  'blueprint.png',
  'dashboard-overview-desk-light.png',
  'dashboard-overview-phone-dark.png',
  'dashboard-jobs-desk-light.png',
  'dashboard-job-desk-light.png',
  'node-red.png',
  'node-red-dashboard.png',
];

/** Where a picture goes: with PLOT2MQTT_PICTURES=homeassistant/images the README's go there, else to a folder of /tmp. */
export async function pictureFile(name: string): Promise<string> {
  const wanted = SHOWN.includes(name) ? process.env.PLOT2MQTT_PICTURES : process.env.PLOT2MQTT_OTHER_PICTURES;
  const folder = wanted ?? (await mkdtemp(join(tmpdir(), 'pictures-')));
  await mkdir(folder, { recursive: true });
  return join(folder, name);
}

/** Takes a picture of what the page shows once nothing moves any more; answers its size in bytes. */
export async function photograph(page: Page, name: string): Promise<number> {
  const file = await pictureFile(name);
  let before: Buffer | undefined;
  for (let attempt = 0; attempt < 20; attempt += 1) {
    await page.screenshot({ path: file });
    const picture = await readFile(file);
    if (before?.equals(picture)) return picture.length;
    before = picture;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  // A clock in it moves all the time: then it is as good as it gets.
  return before?.length ?? 0;
}

/** Opens a page that isn't Home Assistant's. */
export async function openPlain(
  browser: Browser,
  url: string,
  size: { width: number; height: number },
  where: { timezoneId?: string } = {},
): Promise<Page> {
  const context = await browser.newContext({ viewport: size, colorScheme: 'light', ...where });
  const page = await context.newPage();
  await page.goto(url);
  return page;
}
