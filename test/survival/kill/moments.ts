import { type FSWatcher, watch } from 'node:fs';
import { join } from 'node:path';
import type { Random } from '../support/random.ts';
import type { Farm } from './farm.ts';
import type { Ledger } from './ledger.ts';

/** A moment at which the daemon is killed: how it is called, and what waits for it. */
export interface Moment {
  name: string;
  /** Calls back when it has come, perhaps never. Gives what to call to wait no longer. */
  wait(now: () => void): () => void;
}

/** Event types that stand close to something that must not happen twice, or be forgotten. */
const TURNING_POINTS = [
  'worker_started',
  'pre_process_started',
  'pre_process_finished',
  'replot_removed',
  'plotter_started',
  'plotter_finished',
  'post_process_started',
  'post_process_finished',
  'worker_end',
  'worker_dismissed',
  'event_fired',
  'worker_recovered',
] as const;

/** Chooses a moment: any time, a change of a file that matters, an event as it is told. */
export function chooseMoment(random: Random, farm: Farm, ledger: Ledger): Moment {
  const kind = random.next();
  if (kind < 0.25) return after(random.between(20, 1200));
  if (kind < 0.45) return onEvent(random.pick(TURNING_POINTS), ledger, random.between(0, 3));
  if (kind < 0.7) return onChange(farm.dataDir, random.between(1, 60));
  const directory = random.pick(['tmp', 'dest', 'farm', 'replace', 'data/workers'] as const);
  return onChange(join(farm.folder, directory), random.between(1, 4));
}

function after(ms: number): Moment {
  return {
    name: `after ${ms} ms`,
    wait(now) {
      const timer = setTimeout(now, ms);
      return () => clearTimeout(timer);
    },
  };
}

/** `ms` after the event has arrived: what follows it is under way then. */
function onEvent(type: string, ledger: Ledger, ms: number): Moment {
  return {
    name: `${ms} ms after ${type}`,
    wait(now) {
      let timer: NodeJS.Timeout | undefined;
      const stop = ledger.watch((event) => {
        if (event.type === type) timer ??= setTimeout(now, ms);
      });
      return () => {
        stop();
        clearTimeout(timer);
      };
    },
  };
}

/** At the `count`th change in a directory: of the journal, so in the middle of what it tells of. */
function onChange(directory: string, count: number): Moment {
  return {
    name: `change ${count} in ${directory.split('/').slice(-2).join('/')}`,
    wait(now) {
      let left = count;
      let watcher: FSWatcher | undefined;
      try {
        watcher = watch(directory, () => {
          left -= 1;
          if (left === 0) now();
        });
      } catch {
        // The first daemon hasn't made its directory yet: the kill comes when the wait is over.
      }
      return () => watcher?.close();
    },
  };
}
