import { html, nothing, svg, type TemplateResult } from 'lit/html.js';
import type { States } from '../homeassistant.ts';
import { phaseTitles } from '../model/worker.ts';
import { lookOf } from '../timeline/drawing.ts';
import type { DaemonRows } from '../timeline/rows.ts';
import type { Segment } from '../timeline/segments.ts';
import type { Word, Words } from '../words/words.ts';

/** What pieces that are no phases mean; a pause is called as the state is. */
const KINDS: readonly [Segment['kind'], Word | null][] = [
  ['made', 'whole_plot'],
  ['paused', null],
  ['ahead', 'ahead'],
  ['unknown', 'unknown'],
];

/**
 * What the colours in view mean: phases by their titles, where all plotters in view call them alike. On a phone, where it
 * takes many lines, a tap opens it.
 */
export function legend(
  words: Words,
  states: States,
  rows: readonly DaemonRows[],
  isShort: boolean,
): TemplateResult | typeof nothing {
  const slots = rows.flatMap(({ jobs }) => jobs.flatMap((job) => job.rows));
  const segments = slots.flatMap((row) => row.segments);
  const phases = [...new Set(segments.flatMap(({ phase }) => phase ?? []))].sort((a, b) => a - b);
  const lists = new Set(slots.map(({ slot }) => phaseTitles(states, slot).join('\n')).filter(Boolean));
  const titles = lists.size === 1 ? ([...lists][0] ?? '').split('\n') : [];
  const kinds = new Set<Segment['kind']>(segments.map(({ kind }) => kind));
  const isFailed = slots.some(({ marks }) => marks.length > 0);
  if (segments.length === 0 && !isFailed) return nothing;
  const entries = html`<div class="legend">
    ${phases.map((phase) => {
      const title = titles[phase - 1];
      const name = title === undefined ? words.say('phase', { phase }) : `${phase} ${title}`;
      return entry(name, box(lookOf({ kind: 'phase', phase })));
    })}
    ${KINDS.filter(([kind]) => kinds.has(kind)).map(([kind, word]) =>
      entry(word === null ? words.state(kind) : words.say(word), box(lookOf({ kind, phase: null }))),
    )}
    ${
      rows.some(({ arrows }) => arrows.length > 0)
        ? entry(
            words.say('started_by_event'),
            svg`<path class="arrow" d="M7,0v8"></path><path class="head" d="M2,8h10L7,13z"></path>`,
          )
        : nothing
    }
    ${isFailed ? entry(words.say('failed'), svg`<path class="failed" d="M3,3l8,8m0,-8l-8,8"></path>`) : nothing}
  </div>`;
  return isShort
    ? html`<details><summary class="said">${words.say('legend')}</summary>${entries}</details>`
    : entries;
}

function entry(text: string, sign: TemplateResult): TemplateResult {
  return html`<span><svg viewBox="0 0 14 14" aria-hidden="true">${sign}</svg><bdi>${text}</bdi></span>`;
}

/** As high as what it stands for: a time of which nothing is known is a thin line. */
function box(look: string): TemplateResult {
  const [y, height] = look.startsWith('unknown') ? [5, 4] : [1, 12];
  return svg`<rect class=${look} x="1" y=${y} width="12" height=${height} rx="2"></rect>`;
}
