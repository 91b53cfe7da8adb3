import { html, nothing, type TemplateResult } from 'lit/html.js';
import type { Words } from '../words/words.ts';

/** How a job or a move stands: its state in the user's words, its figures, and what it waits for. */
export function stateLines(
  words: Words,
  state: string | null,
  figures: string,
  waiting: string | null,
  title: TemplateResult | typeof nothing = nothing,
): TemplateResult {
  return html`<div class="title">
      ${title} ${state === null ? nothing : html`<bdi class="state ${state}">${words.state(state)}</bdi>`}
      ${figures === '' ? nothing : html`<bdi class="said">${figures}</bdi>`}
    </div>
    ${waiting === null ? nothing : html`<div class="said ${state === 'blocked' ? 'bad' : ''}"><bdi>${waiting}</bdi></div>`}`;
}
