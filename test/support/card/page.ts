import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Context, Page } from '../browser/playwright.ts';
import type { Farm } from './farm.ts';

const BUILT = join(import.meta.dirname, '../../../dist/plot2mqtt.js');

export interface Look {
  width: number;
  height: number;
  scheme: 'light' | 'dark';
  language?: string;
  direction?: 'ltr' | 'rtl';
  /** The card's options. */
  options?: object;
}

const THEMES = {
  light: `--primary-text-color:#141414;--secondary-text-color:#5e5e5e;--divider-color:rgba(0,0,0,.12);--card-background-color:#fff;--primary-background-color:#fafafa;--primary-color:#009ac7;--error-color:#db4437;--warning-color:#ffa600;--disabled-color:#bdbdbd;`,
  dark: `--primary-text-color:#e1e1e1;--secondary-text-color:#9b9b9b;--divider-color:rgba(225,225,225,.12);--card-background-color:#1c1c1c;--primary-background-color:#111;--primary-color:#009ac7;--error-color:#db4437;--warning-color:#ffa600;--disabled-color:#464646;`,
};

/**
 * The card on a page without Home Assistant, which what it knows stands in for: for what needs many slots, or a past
 * that no test can wait for. What it calls is in `window.calls`; `window.change(id, state)` is a state that changes.
 */
export async function openCard(
  browser: Browser,
  farm: Farm,
  look: Look,
  built = BUILT,
): Promise<{ page: Page; context: Context }> {
  const folder = await mkdtemp(join(tmpdir(), 'card-'));
  const file = join(folder, 'page.html');
  const { language = 'en', direction = 'ltr' } = look;
  const code = (await readFile(built, 'utf8')).replaceAll('</script', '<\\/script');
  const config = { type: 'custom:plot2mqtt-timeline-card', ...look.options };
  await writeFile(
    file,
    `<!doctype html><html lang="${language}" dir="${direction}"><meta charset="utf-8">
<style>
  html { ${THEMES[look.scheme]} --header-height: 0px; font: 14px Roboto, Noto Sans, sans-serif; background: var(--primary-background-color); }
  body { margin: 8px; }
</style><body><script type="module">
customElements.define('ha-card', class extends HTMLElement {
  constructor() {
    super();
    this.attachShadow({ mode: 'open' }).innerHTML = '<style>:host { display: block; border: 1px solid var(--divider-color); ' +
      'border-radius: 12px; background: var(--card-background-color); }</style><slot></slot>';
  }
});
const farm = ${JSON.stringify(farm)};
window.calls = [];
let hass = {
  states: farm.states, entities: {}, devices: {}, language: '${language}',
  locale: { language: '${language}', number_format: 'language', time_format: 'language', time_zone: 'server' },
  config: { time_zone: 'Europe/Zurich' },
  callWS: async ({ type }) => type.includes('entity') ? farm.entities : farm.devices,
  callService: async (...call) => { window.calls.push(call); },
  connection: { subscribeMessage: async (heard, { entity_ids }) => {
    setTimeout(() => heard({ states: Object.fromEntries(entity_ids.map((id) => [id, farm.history[id] ?? []])) }));
    return async () => {};
  } },
};
window.change = (id, state) => {
  hass = { ...hass, states: { ...hass.states, [id]: { ...hass.states[id], state } } };
  document.querySelector('plot2mqtt-timeline-card').hass = hass;
};
${code}
const card = document.createElement('plot2mqtt-timeline-card');
card.setConfig(${JSON.stringify(config)});
card.hass = hass;
document.body.append(card);
</script></body></html>`,
  );
  const context = await browser.newContext({
    viewport: { width: look.width, height: look.height },
    colorScheme: look.scheme,
  });
  const page = await context.newPage();
  await page.goto(pathToFileURL(file).href);
  await page.locator('plot2mqtt-timeline-card').locator('section').first().waitFor({ state: 'attached' });
  await rm(folder, { recursive: true, force: true });
  return { page, context };
}
