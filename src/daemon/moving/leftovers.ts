import { readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { State } from '../../engine/model/state.ts';
import { isHanging } from '../../host/looks.ts';
import { mountOf } from '../../host/mounts.ts';
import { createTurns } from '../../host/turns.ts';
import { isLiving } from '../../process/find.ts';
import { ProcessGroup } from '../../process/group.ts';
import { processFiles } from '../../process/files.ts';
import { readWrapperClaim } from '../../process/wrapper-claim.ts';
import { wrapperGone } from '../../process/wrapper-gone.ts';
import { readNote } from '../../mover/note.ts';
import { sweepNote } from '../../mover/sweep.ts';
import { noteFile, transferDirectory, transfersDirectory } from './paths.ts';

/** A disk that takes longer is tried again later. */
const WITHIN_MS = 5_000;
const GRACE_MS = 10_000;
const AT_ONCE = 2;

/** Removes what is left of transfers that have ended: their own directories, and what they couldn't remove themselves. */
export class Leftovers {
  readonly #dataDir: string;
  readonly #state: State;
  readonly #turns = createTurns(AT_ONCE, { placeMs: WITHIN_MS, skips: isHanging });
  readonly #sweeping = new Map<string, Promise<void>>();

  constructor({ dataDir, state }: { dataDir: string; state: State }) {
    this.#dataDir = dataDir;
    this.#state = state;
  }

  /** All of them; resolves when each is gone, or can't be removed now. Never rejects. */
  async sweep(): Promise<void> {
    const ids = await readdir(transfersDirectory(this.#dataDir)).catch(() => []);
    await Promise.all(ids.filter((id) => !this.#state.transfers.has(id)).map((id) => this.forget(id)));
  }

  /** One of them. */
  forget(id: string): Promise<void> {
    const sweeping = this.#sweeping.get(id) ?? this.#sweep(id).finally(() => this.#sweeping.delete(id));
    this.#sweeping.set(id, sweeping);
    return sweeping;
  }

  async #sweep(id: string): Promise<void> {
    const directory = transferDirectory(this.#dataDir, id);
    await endProcesses(directory);
    const note = noteFile(this.#dataDir, id);
    const place = dirname(readNoteOrNull(note) ?? note);
    const clean = await this.#turns.take(mountOf(place), () => sweepNote(note), WITHIN_MS);
    if (clean === true) await rm(directory, { recursive: true, force: true }).catch(() => undefined);
  }
}

function readNoteOrNull(file: string): string | null {
  try {
    return readNote(file)?.tmp ?? null;
  } catch {
    return null;
  }
}

/** What the state knows nothing of, since its records are lost, must not write on. */
async function endProcesses(directory: string): Promise<void> {
  for (const name of await readdir(directory).catch(() => [])) {
    const files = processFiles(join(directory, name), 'move');
    // An exit status says that it has ended.
    const exit = await readFile(files.exit, 'latin1').catch(() => '');
    if (exit.trim() !== '') continue;
    try {
      const claim = readWrapperClaim(files.claim);
      if (typeof claim === 'string' || !isLiving(claim)) continue;
      const leaderGone = wrapperGone(claim, files.alive);
      await new ProcessGroup(claim, { worker: claim.worker, run: null, leaderGone }).terminate(GRACE_MS);
    } catch {
      // It can't be told now: the note says what there is to be removed.
    }
  }
}
