import { join } from 'node:path';
import * as z from 'zod';
import { type Browser, openBrowser } from '../../support/browser/playwright.ts';
import { hall } from '../../support/card/farm.ts';
import { openCard } from '../../support/card/page.ts';
import type { Bench, Case } from '../lib/case.ts';
import { type Figure, figureOf } from '../lib/figure.ts';

const SCREEN = { width: 412, height: 915, scheme: 'light' } as const;

/** Scrolls down and up by so much a frame, and says how long each frame took, while every fourth one a state changes. */
const SCROLL = (frames: number, ids: readonly string[]) => `(async () => {
  const ids = ${JSON.stringify(ids)};
  const took = [];
  let before = await new Promise(requestAnimationFrame);
  for (let frame = 0; frame < ${frames}; frame += 1) {
    const height = document.documentElement.scrollHeight - innerHeight;
    const way = frame * 30 % (2 * height);
    scrollTo(0, way > height ? 2 * height - way : way);
    if (frame % 4 === 0 && ids.length > 0) window.change(ids[frame % ids.length], String(frame % 100));
    const now = await new Promise(requestAnimationFrame);
    took.push(now - before);
    before = now;
  }
  return took;
})()`;

/** As high, with nothing in it but a line of text for each row. */
const BARE = `(() => {
  const height = document.documentElement.scrollHeight;
  document.body.replaceChildren(...Array.from({ length: 110 }, (_, row) => {
    const line = document.createElement('p');
    line.textContent = 'Row ' + row;
    line.style = 'margin: 0; height: ' + height / 110 + 'px';
    return line;
  }));
})()`;

async function frames(browser: Browser, bench: Bench, isBare: boolean): Promise<number[]> {
  const farm = hall(Date.now());
  const built = join(bench.root, 'dist/plot2mqtt.js');
  const { page, context } = await openCard(browser, farm, SCREEN, built);
  await page.locator('.arrows path.arrow').first().waitFor({ state: 'attached' });
  if (isBare) await page.evaluate(BARE);
  const changing = farm.entities.map(({ entity_id }) => entity_id).filter((id) => id.endsWith('_progress'));
  const took = await page.evaluate(SCROLL(bench.quick ? 120 : 600, isBare ? [] : changing));
  await context.close();
  return z.array(z.number()).parse(took);
}

async function run(bench: Bench): Promise<Figure[]> {
  const browser = await openBrowser();
  try {
    const samples = { floor: [] as number[], measured: [] as number[] };
    for (let round = 0; round < (bench.quick ? 1 : 3); round += 1) {
      samples.floor.push(...(await frames(browser, bench, true)));
      samples.measured.push(...(await frames(browser, bench, false)));
    }
    const late = samples.measured.filter((took) => took > 50).length;
    return [
      figureOf({
        ...samples,
        ...{ name: 'the card with 100 slots, scrolled on a phone: a frame', unit: 'ms' },
        against: 'a page as high that has lines of text alone',
        goal: { most: 1.5, at: ['p50', 'p99'] },
        notes: [
          `${late} of ${samples.measured.length} frames took more than 50 ms`,
          'without a graphics card',
        ],
      }),
    ];
  } finally {
    await browser.close();
  }
}

export const card: Case = { name: 'card', title: 'Frames of the card', run };
