import { nothing, svg, type SVGTemplateResult, type TemplateResult, html } from 'lit/html.js';
import { type ArrowPath, type Bar, drawRow, ROW_HEIGHT, type Sign } from '../timeline/drawing.ts';
import { type Scale, xOf } from '../timeline/scale.ts';
import type { Mark, Segment } from '../timeline/segments.ts';
import type { Formats } from '../words/formats.ts';

const AXIS_HEIGHT = 22;
/** Pixels that a label of the axis needs, with air. */
export const TICK_ROOM = 64;
const CROSS = 4;

/** Rows of a chart, one below the other, with the hours behind them and now. Readers hear the rows' labels instead. */
export function chart(
  scale: Scale,
  ticks: readonly number[],
  now: number,
  rows: readonly { segments: readonly Segment[]; marks: readonly Mark[] }[],
): TemplateResult {
  const height = rows.length * ROW_HEIGHT;
  const drawn = rows.map(({ segments, marks }, index) => drawRow(scale, index, segments, marks));
  return html`<svg width=${scale.width} height=${height} aria-hidden="true">
    ${ticks.map((at) => upright('tick', xOf(scale, at), 0, height))}
    ${drawn.map(({ bars, signs }) => [bars.map(barShape), signs.map(sign)])}
    ${upright('now', xOf(scale, now), 0, height)}
  </svg>`;
}

function upright(look: string, x: number, from: number, to: number): SVGTemplateResult {
  return svg`<line class=${look} x1=${x} x2=${x} y1=${from} y2=${to}></line>`;
}

function barShape({ x, y, width, height, look, digit }: Bar): SVGTemplateResult {
  return svg`<rect class=${look} x=${x} y=${y} width=${width} height=${height} rx="3"></rect>${
    digit === null
      ? nothing
      : svg`<text class="digit ${look.replace('phase ', '')}" x=${x + width / 2} y=${y + height / 2}>${digit}</text>`
  }`;
}

function sign({ x, y }: Sign): SVGTemplateResult {
  return svg`<circle class="failed-ground" cx=${x} cy=${y} r="8"></circle>
    <path class="failed" d="M${x - CROSS},${y - CROSS} l8,8 m0,-8 l-8,8"></path>`;
}

/** The hours above the rows. */
export function axis(scale: Scale, ticks: readonly number[], formats: Formats): TemplateResult {
  const isMidnight = (at: number) => (at + formats.offsetAt(at)) % 86_400_000 === 0;
  return html`<svg width=${scale.width} height=${AXIS_HEIGHT} aria-hidden="true">
    ${ticks
      .map((at) => ({ at, x: xOf(scale, at) }))
      .filter(({ x }) => x > TICK_ROOM / 3 && x < scale.width - TICK_ROOM / 3)
      .map(
        ({ at, x }) =>
          svg`<text class="hour" x=${x} y="14">${isMidnight(at) ? formats.day(at) : formats.time(at)}</text>`,
      )}
  </svg>`;
}

/** Arrows over all rows. */
export function arrows(width: number, height: number, paths: readonly ArrowPath[]): TemplateResult {
  return html`<svg class="arrows" width=${width} height=${height} aria-hidden="true">
    ${paths.map(
      ({ line, head }) => svg`<path class="arrow" d=${line}></path><path class="head" d=${head}></path>`,
    )}
  </svg>`;
}
