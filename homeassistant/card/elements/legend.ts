import { html, nothing, svg, type TemplateResult } from 'lit/html.js';
import type { States } from '../homeassistant.ts';
import { phaseTitles } from '../model/worker.ts';
import type { DaemonRows } from '../timeline/rows.ts';
import type { Segment } from '../timeline/segments.ts';
import type { Words } from '../words/words.ts';

/** What the colours in view mean: phases by their titles, where all plotters in view call them alike. */
export function legend(
  words: Words,
  states: States,
  rows: readonly DaemonRows[],
): TemplateResult | typeof nothing {
  const slots = rows.flatMap(({ jobs }) => jobs.flatMap((job) => job.rows));
  const segments = slots.flatMap((row) => row.segments);
  const phases = [...new Set(segments.flatMap(({ phase }) => phase ?? []))].sort((a, b) => a - b);
  const lists = new Set(slots.map(({ slot }) => phaseTitles(states, slot).join('\n')).filter(Boolean));
  const titles = lists.size === 1 ? ([...lists][0] ?? '').split('\n') : [];
  const kinds = new Set<Segment['kind']>(segments.map(({ kind }) => kind));
  const isFailed = slots.some(({ marks }) => marks.length > 0);
  if (segments.length === 0 && !isFailed) return nothing;
  return html`<div class="legend" aria-hidden="true">
    ${phases.map((phase) => entry(`phase phase-${((phase - 1) % 6) + 1}`, phaseName(words, phase, titles)))}
    ${kinds.has('made') ? entry('made', words.say('whole_plot')) : nothing}
    ${kinds.has('paused') ? entry('paused phase-0', words.state('paused')) : nothing}
    ${kinds.has('ahead') ? entry('ahead phase-0', words.say('ahead')) : nothing}
    ${kinds.has('unknown') ? entry('unknown', words.say('unknown')) : nothing}
    ${isFailed ? html`<span>${cross()}${words.say('failed')}</span>` : nothing}
  </div>`;
}

function phaseName(words: Words, phase: number, titles: readonly string[]): string {
  const title = titles[phase - 1];
  return title === undefined ? words.say('phase', { phase }) : `${phase} ${title}`;
}

function entry(look: string, text: string): TemplateResult {
  return html`<span><svg viewBox="0 0 14 14">${svg`<rect class=${look} x="1" y="1" width="12" height="12" rx="3"></rect>`}</svg><bdi>${text}</bdi></span>`;
}

function cross(): TemplateResult {
  return html`<svg viewBox="0 0 14 14">${svg`<path class="failed" d="M3,3 l8,8 m0,-8 l-8,8"></path>`}</svg>`;
}
