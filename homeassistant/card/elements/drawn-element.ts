import { type nothing, render, type TemplateResult } from 'lit/html.js';

/**
 * An element that is drawn by Lit's templates, into a shadow root of its own. It is drawn anew when it asks for that,
 * once for all that asked within one turn. Lit's own element has properties that ask by themselves, and takes 8 kB.
 */
export abstract class DrawnElement extends HTMLElement {
  readonly root: ShadowRoot;
  #isAsked = false;

  constructor(...styles: readonly string[]) {
    super();
    this.root = this.attachShadow({ mode: 'open' });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(styles.join('\n'));
    this.root.adoptedStyleSheets = [sheet];
  }

  /** What it looks like now. */
  protected abstract drawing(): TemplateResult | typeof nothing;

  /** Called when it is drawn. */
  protected drawn(): void {}

  redraw(): void {
    if (this.#isAsked) return;
    this.#isAsked = true;
    queueMicrotask(() => {
      this.#isAsked = false;
      this.drawNow();
    });
  }

  drawNow(): void {
    render(this.drawing(), this.root);
    this.drawn();
  }
}
