import { groupBy } from '../model/group.ts';
import type { Arrow, Place } from './arrows.ts';
import { type Scale, xOf } from './scale.ts';
import type { Mark, Segment, Span } from './segments.ts';

/** Pixels. */
export const ROW_HEIGHT = 44;
const BAR_HEIGHT = 22;
/** Less wide it can't be seen. */
const LEAST_WIDTH = 2;
/** A number needs this much room. */
const DIGIT_ROOM = 16;
const HEAD = 5;
/** A plot that is narrower has no phases. */
const PLOT_ROOM = 40;

/** A piece of a row. */
export interface Bar {
  x: number;
  y: number;
  width: number;
  height: number;
  /** Classes: how it looks is said by the stylesheet. */
  look: string;
  /** Which phase it is, where there is room for it. */
  digit: string | null;
}
export interface Sign {
  x: number;
  y: number;
}

/** How a row is drawn: what it did, what it will do, what failed. */
export function drawRow(
  scale: Scale,
  row: number,
  segments: readonly Segment[],
  marks: readonly Mark[],
): { bars: Bar[]; signs: Sign[] } {
  const middle = row * ROW_HEIGHT + ROW_HEIGHT / 2;
  return {
    bars: segments.flatMap((segment) => bar(scale, middle, segment)),
    signs: marks.map(({ at }) => ({ x: xOf(scale, at), y: middle })),
  };
}

/** Plots that are made, whose phases are too narrow to be told apart, in one piece each. */
export function withWholePlots(scale: Scale, segments: readonly Segment[], past: Span): Segment[] {
  return [...groupBy(segments, ({ worker }) => worker)].flatMap(([worker, own]): Segment[] => {
    const [first, last] = [own[0], own.at(-1)];
    const isWhole = worker !== null && first && last && first.from > past.from && last.to < past.to;
    if (!isWhole || own.length < 2 || Math.abs(xOf(scale, last.to) - xOf(scale, first.from)) >= PLOT_ROOM)
      return own;
    return [{ ...first, kind: 'made', to: last.to, phase: null, title: null }];
  });
}

function bar(scale: Scale, middle: number, segment: Segment): Bar[] {
  if (segment.to <= scale.span.from || segment.from >= scale.span.to) return [];
  const ends = [xOf(scale, segment.from), xOf(scale, segment.to)];
  const x = Math.min(...ends);
  // A gap of a pixel tells two neighbours apart that have one colour.
  const width = Math.max(Math.max(...ends) - x - 1, LEAST_WIDTH);
  const height = segment.kind === 'unknown' ? BAR_HEIGHT / 4 : BAR_HEIGHT;
  const shown = segment.kind === 'phase' && segment.phase !== null && width >= DIGIT_ROOM;
  return [
    {
      ...{ x, y: middle - height / 2, width, height },
      look: lookOf(segment),
      digit: shown ? String(segment.phase) : null,
    },
  ];
}

/** The classes of a piece: what it is, and which of the six colours it has; 0 is that of what has no phase. */
export function lookOf({ kind, phase }: Pick<Segment, 'kind' | 'phase'>): string {
  return `${kind} phase-${phase === null ? 0 : ((phase - 1) % 6) + 1}`;
}

/** A line from a row to another one, and its head. */
export interface ArrowPath {
  name: string;
  line: string;
  head: string;
}

/** Arrows; `rowTop` is where a slot's row begins, `undefined` where it isn't drawn. */
export function drawArrows(
  scale: Scale,
  arrows: readonly Arrow[],
  rowTop: (place: Place) => number | undefined,
): ArrowPath[] {
  return arrows.flatMap(({ name, from, to }): ArrowPath[] => {
    const [top, bottom] = [rowTop(from), rowTop(to)];
    if (top === undefined || bottom === undefined || to.at < scale.span.from) return [];
    const start = { x: xOf(scale, from.at), y: top + ROW_HEIGHT / 2 };
    const end = { x: xOf(scale, to.at), y: bottom + ROW_HEIGHT / 2 };
    if (start.y === end.y) return [];
    const down = end.y > start.y ? 1 : -1;
    const [leave, arrive] = [start.y + (down * BAR_HEIGHT) / 2, end.y - (down * BAR_HEIGHT) / 2];
    const tip = arrive - down * HEAD;
    const middle = (leave + tip) / 2;
    return [
      {
        name,
        line: `M${px(start.x)},${px(leave)} C${px(start.x)},${px(middle)} ${px(end.x)},${px(middle)} ${px(end.x)},${px(tip)}`,
        head: `M${px(end.x - HEAD)},${px(tip)} L${px(end.x + HEAD)},${px(tip)} L${px(end.x)},${px(arrive)} Z`,
      },
    ];
  });
}

function px(value: number): string {
  return String(Math.round(value * 10) / 10);
}
