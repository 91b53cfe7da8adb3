import { type ArrowPath, drawArrows, ROW_HEIGHT } from '../timeline/drawing.ts';
import type { DaemonRows } from '../timeline/rows.ts';
import type { Scale } from '../timeline/scale.ts';

/** Where the rows of each job are, in pixels from the top of the chart. */
export class RowPlaces {
  #tops: ReadonlyMap<string, number> = new Map();
  /** Of the whole chart. */
  height = 0;

  /** Looks where they are; whether that is elsewhere than before. */
  measure(root: ParentNode): boolean {
    const chart = root.querySelector('.chart')?.getBoundingClientRect();
    const tops = new Map<string, number>();
    for (const rows of root.querySelectorAll<HTMLElement>('.rows[data-job]')) {
      const daemon = rows.closest<HTMLElement>('[data-daemon]')?.dataset.daemon;
      const top = rows.getBoundingClientRect().top - (chart?.top ?? 0);
      tops.set(key(daemon, rows.dataset.job), Math.round(top));
    }
    const height = Math.round(chart?.height ?? 0);
    const isSame = height === this.height && [...tops].every(([each, top]) => this.#tops.get(each) === top);
    this.#tops = tops;
    this.height = height;
    return !isSame;
  }

  /** The arrows between rows that are drawn. */
  arrows(scale: Scale, drawn: readonly DaemonRows[]): ArrowPath[] {
    return drawn.flatMap(({ daemon, jobs, arrows }) => {
      const slots = new Map(jobs.map(({ job, rows }) => [job.id, rows.map(({ slot }) => slot.slot)]));
      return drawArrows(scale, arrows, ({ job, slot }) => {
        const top = this.#tops.get(key(daemon.instance, job));
        const index = slots.get(job)?.indexOf(slot) ?? -1;
        return top === undefined || index < 0 ? undefined : top + index * ROW_HEIGHT;
      });
    });
  }
}

function key(daemon: string | undefined, job: string | undefined): string {
  return `${daemon} ${job}`;
}
