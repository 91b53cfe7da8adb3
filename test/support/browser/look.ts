import * as z from 'zod';
import type { Page } from './playwright.ts';

const seenShape = z.object({
  /** What is still loading; '' for nothing. */
  loading: z.string(),
  /** How many elements there are: while that grows, the page is being built. */
  elements: z.number(),
  /** Every visible piece of text. */
  texts: z.array(z.string()),
  /** Cards that show an error or a warning, with what they say. */
  errors: z.array(z.string()),
  /** Texts that are cut off, by an ellipsis or by the edge of the page. */
  cut: z.array(z.string()),
  /** How high the page is, in CSS pixels. */
  height: z.number(),
});
export type Seen = z.infer<typeof seenShape>;

/** Runs in the page, through all shadow roots. */
const LOOK = `(() => {
  const texts = [], errors = [], cut = [];
  let elements = 0, height = document.documentElement.scrollHeight;
  const started = document.querySelector('home-assistant')?.shadowRoot?.querySelector('home-assistant-main');
  let loading = started ? '' : 'home-assistant-main';
  const visible = (element) => {
    const box = element.getBoundingClientRect();
    return box.width > 0 && box.height > 0 && getComputedStyle(element).visibility !== 'hidden';
  };
  const walk = (node) => {
    if (node.nodeType === Node.TEXT_NODE) {
      const text = node.textContent.trim().replace(/\\s+/g, ' ');
      const parent = node.parentElement;
      if (!text || (parent && !visible(parent))) return;
      texts.push(text);
      if (/^Loading\\b/.test(text)) loading = text;
      if (!parent) return;
      const range = document.createRange();
      range.selectNodeContents(node);
      const box = range.getBoundingClientRect();
      // What is slotted into an element is cut off by that element's own boxes.
      let ellipsis = false;
      for (let box = parent, level = 0; box instanceof Element && level < 6; level += 1) {
        const narrow = box.clientWidth > 4 && box.scrollWidth > box.clientWidth + 1;
        ellipsis ||= narrow && getComputedStyle(box).textOverflow === 'ellipsis';
        box = box.assignedSlot ?? box.parentElement ?? box.getRootNode().host;
      }
      if (ellipsis || box.right > innerWidth + 1 || box.left < -1) cut.push(text);
      return;
    }
    if (!(node instanceof Element) && !(node instanceof ShadowRoot)) return;
    elements += 1;
    const name = node.localName ?? '';
    if (/^(style|script|template|ha-sidebar)$/.test(name)) return;
    if (node instanceof Element && getComputedStyle(node).display === 'none') return;
    if (/^(ha-spinner|ha-circular-progress|hass-loading-screen|ha-fade-in)$/.test(name)) loading = name;
    if (/^(hui-error-card|hui-warning|hui-warning-element|hui-error-entity-row|hui-error-badge|hui-error-heading-badge)$/.test(name))
      errors.push(name + ': ' + (node.shadowRoot?.textContent ?? '').trim().replace(/\\s+/g, ' ').slice(0, 200));
    if (/^hui-(sections|masonry|panel)?-?view$/.test(name))
      height = Math.max(height, Math.ceil(node.getBoundingClientRect().bottom + scrollY));
    if (node.shadowRoot) walk(node.shadowRoot);
    if (name === 'slot') for (const child of node.assignedNodes()) walk(child);
    else if (!node.shadowRoot) for (const child of node.childNodes) walk(child);
  };
  walk(document.body);
  return { loading, elements, texts, errors, cut, height };
})()`;

const PATIENCE_MS = 60_000;
const STILL_MS = 2_000;

/** Looks at a page of Home Assistant once it is built: nothing loads, and no element comes or goes for a while. */
export async function lookAt(page: Page): Promise<Seen> {
  const deadline = Date.now() + PATIENCE_MS;
  let before = -1;
  let since = Date.now();
  for (;;) {
    const seen = seenShape.parse(await page.evaluate(LOOK));
    if (seen.elements !== before || seen.loading !== '') {
      before = seen.elements;
      since = Date.now();
    }
    if (Date.now() - since > STILL_MS) return seen;
    if (Date.now() > deadline)
      throw new Error(`the page still loads: ${seen.loading} ${seen.texts.join(' ').slice(0, 500)}`);
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
}
