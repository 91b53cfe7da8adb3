import type { LoadedConfig } from '../config/load.ts';
import { stateFormat } from '../engine/model/snapshot.ts';
import type { HeldClaim } from '../storage/claim/held-claim.ts';
import { openJournal } from '../storage/journal/journal.ts';
import type { FoundState, JournalWriter } from '../storage/journal/journal-types.ts';
import { openReserve, type Reserve } from '../storage/reserve.ts';
import type { Logger } from '../util/log.ts';
import { dateOf, realSurroundings, SteadyClock } from './clock.ts';
import { settingsOf } from './configuration/settings.ts';
import { guardedJournal } from './data-dir/guarded-journal.ts';
import { refuseMoved } from './data-dir/moved.ts';
import { JournalledEngine } from './journalled-engine/journalled-engine.ts';
import { newInstance } from './publishing/renewal.ts';
import { restoreState } from './restoring/restore.ts';

/** The state, written down with each step, and the clock by which it counts. */
export interface OpenState {
  journal: JournalWriter;
  engine: JournalledEngine;
  clock: SteadyClock;
}

/** The state in `data_dir`; where it can't be opened whole, nothing of it stays open. */
export async function openState(loaded: LoadedConfig, claim: HeldClaim, log: Logger): Promise<OpenState> {
  const { data_dir } = loaded.config;
  refuseMoved(data_dir);
  const found = openJournal(data_dir, { ...stateFormat, log });
  const journal = guardedJournal(found.writer, claim);
  try {
    const clock = new SteadyClock();
    const reserve = openReserve(data_dir);
    return { journal, clock, engine: await openEngine(loaded, { found, journal, clock, reserve, log }) };
  } catch (error) {
    journal.close();
    throw error;
  }
}

interface EngineParts {
  found: FoundState;
  journal: JournalWriter;
  clock: SteadyClock;
  reserve: Reserve;
  log: Logger;
}

async function openEngine(
  loaded: LoadedConfig,
  { found, journal, clock, reserve, log }: EngineParts,
): Promise<JournalledEngine> {
  const settings = settingsOf(loaded);
  const { state } = await restoreState({
    dataDir: loaded.config.data_dir,
    found,
    journal,
    settings,
    jobs: new Map(Object.entries(loaded.config.jobs)),
    clock,
    now: () => Date.now(),
    dateOf,
    newInstance,
    log,
  });
  return new JournalledEngine({
    journal,
    reserve,
    state,
    settings,
    surroundings: realSurroundings(clock),
    log,
  });
}
