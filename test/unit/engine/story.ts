import type { Bench } from './bench.ts';

/** Events as one line each: `stage_started 1.1`. */
export function story(bench: Bench, since = 0): string[] {
  return bench.events.slice(since).map((event) => {
    if (event.type === 'stage_started' || event.type === 'stage_finished')
      return `${event.type} ${event.stage}`;
    if (event.type === 'progress') return `progress ${event.percent}`;
    if (event.type === 'worker_end') return `worker_end ${event.result}`;
    return event.type;
  });
}

/** Events of a worker's life without stages and progress. */
export function steps(bench: Bench, since = 0): string[] {
  return story(bench, since).filter((line) => !/^(stage|progress)/.test(line));
}
