import type { StatusAnswer } from '../../control/protocol.ts';
import { cut } from '../terminal/fit.ts';
import { type Look, widthFor } from '../terminal/look.ts';
import { diskLines } from './status-disks.ts';
import { farmLines } from './status-farm.ts';
import { jobLines } from './status-jobs.ts';
import { moveLines } from './status-moves.ts';

/** What is shown of a status, in this order; between two that have something to show is an empty line. */
const SECTIONS: readonly ((answer: StatusAnswer, look: Look) => string[])[] = [
  farmLines,
  jobLines,
  ({ moves }) => moveLines(moves),
  diskLines,
];

/** What runs, for people: the farm, each job with what it waits for and its workers, then the disks. */
export function statusLines(answer: StatusAnswer, look: Look): string[] {
  const shown = SECTIONS.map((section) => section(answer, look)).filter((lines) => lines.length > 0);
  const all = shown.flatMap((lines, index) => (index === 0 ? lines : ['', ...lines]));
  // Where even what must be said is too long.
  return look.width === undefined ? all : all.map((line) => cut(line, widthFor(look)));
}
