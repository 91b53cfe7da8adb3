import { mkdirSync } from 'node:fs';
import { basename } from 'node:path';
import type { Effect } from '../../engine/effects.ts';
import type { Input } from '../../engine/inputs.ts';
import type { State } from '../../engine/model/state.ts';
import type { TransferState } from '../../engine/model/transfer-state.ts';
import type { TransferEnd } from '../../engine/moving/facts.ts';
import { moverWords } from '../../mover/run-mover.ts';
import type { Exit } from '../../process/exit.ts';
import { processFiles } from '../../process/files.ts';
import { find, type Launched } from '../../process/find.ts';
import { type LaunchSpec, launch } from '../../process/launch.ts';
import { messageOf } from '../../util/errors.ts';
import type { Logger } from '../../util/log.ts';
import { untilKnown } from '../../util/until-known.ts';
import type { SteadyClock } from '../clock.ts';
import { endOf, MoverReader } from './mover-reader.ts';
import { launchDirectory, noteFile } from './paths.ts';

/** A mover has so long to remove what it has written, when it is stopped. */
const GRACE_MS = 10_000;

export interface MoversOptions {
  state: State;
  dataDir: string;
  /** This program, which is started as a mover. */
  program: string;
  clock: Pick<SteadyClock, 'now' | 'at'>;
  take(input: Input): void;
  /** What is wrong with the directory to which a plot is to go, in words; `null`: nothing that is known. */
  placeProblem(transfer: TransferState): Promise<string | null>;
  /** A plot was not as it was found. */
  doubt(file: string): void;
  /** Whether work that starts something is put off: the state can't be written. */
  putOff(effect: Effect): boolean;
  /** Whether work that failed is put off: the disk of `dataDir` takes nothing, and it is asked for again. */
  postpone(effect: Effect): boolean;
  log: Logger;
}

/** A mover that runs, and what it has said last. */
interface LiveMover {
  launch: number;
  launched: Launched;
  reader: MoverReader;
}

/** The processes that move plots: started, found again, followed, suspended and ended as the engine asks. */
export class Movers {
  readonly #options: MoversOptions;
  readonly #live = new Map<string, LiveMover>();
  /** Those that are to stop, whether or not that is written down yet. */
  readonly #unwanted = new Set<string>();
  /** What each was last told: SIGSTOP or SIGCONT. */
  readonly #signals = new Map<string, NodeJS.Signals>();
  #stopped = false;

  constructor(options: MoversOptions) {
    this.#options = options;
  }

  /** Starts the process of a transfer, or finds it; resolves when that is known and told. `again`: after a restart. */
  async run(id: string, again: boolean): Promise<void> {
    const transfer = this.#options.state.transfers.get(id);
    if (transfer?.step !== 'moving' || this.#live.get(id)?.launch === transfer.launches) return;
    const { launches: number } = transfer;
    const work = { type: 'transfer', transfer: id } as const;
    try {
      if (again && (await this.#findAgain(transfer))) return;
      if (this.#isUnwanted(id)) return this.#tellEnd(id, number, { kind: 'stopped' });
      if (again && this.#options.putOff(work)) return;
      // It may have been chosen before the host went down, and its disk not be mounted yet.
      const problem = await this.#options.placeProblem(transfer);
      if (this.#isUnwanted(id)) return this.#tellEnd(id, number, { kind: 'stopped' });
      if (problem !== null)
        return this.#tellEnd(id, number, {
          ...{ kind: 'failed', side: 'destination', pinned: transfer.pinned, error: problem },
        });
      const spec = this.#specOf(transfer);
      mkdirSync(spec.dir, { recursive: true, mode: 0o700 });
      this.#attach(id, number, await launch(spec), false);
    } catch (error) {
      if (!this.#isUnwanted(id) && this.#options.postpone(work)) return;
      const { pinned } = transfer;
      this.#tellEnd(id, number, { kind: 'failed', side: 'other', pinned, error: messageOf(error) });
    }
  }

  #isUnwanted(id: string): boolean {
    return this.#unwanted.has(id) || this.#options.state.transfers.get(id)?.stopping === true;
  }

  #specOf(transfer: TransferState): LaunchSpec {
    const { dataDir, program } = this.#options;
    const { id, launches, file, to, size, ino, mtime_ns, device } = transfer;
    const dir = launchDirectory(dataDir, id, launches);
    const note = noteFile(dataDir, id);
    const expected = { size: String(size), ino, mtime_ns, device };
    const words = moverWords({ file, to, note, expected });
    return {
      ...{ dir, kind: 'move', cwd: dataDir, graceMs: GRACE_MS, onTrouble: this.#trouble(id) },
      snippet: 'exec "$@"',
      words: [process.execPath, program, 'move-file', ...words],
      env: { PLOT2MQTT_WORKER: basename(dir) },
    };
  }

  /** Whether the process was started before: it is then followed on, or its end is told. */
  async #findAgain(transfer: TransferState): Promise<boolean> {
    const { id, launches: number, process: known } = transfer;
    const dir = launchDirectory(this.#options.dataDir, id, number);
    const begun = known !== null;
    const found = await find(dir, 'move', { graceMs: GRACE_MS, begun, onTrouble: this.#trouble(id) });
    if (found.state === 'running') {
      this.#attach(id, number, found, true);
      return true;
    }
    if (found.state === 'absent' && !begun) return false;
    if (found.state === 'absent') this.#tellEnd(id, number, { kind: 'lost', with_host: false });
    else await this.#ended(id, number, found.exit, new MoverReader(processFiles(dir, 'move').log, () => {}));
    return true;
  }

  #attach(id: string, number: number, launched: Launched, recovered: boolean): void {
    const { dataDir, clock, take } = this.#options;
    const { log } = processFiles(launchDirectory(dataDir, id, number), 'move');
    const reader = new MoverReader(log, (bytes) => take({ type: 'transfer_copied', transfer: id, bytes }));
    this.#live.set(id, { launch: number, launched, reader });
    const started_at = clock.at(launched.startedUptime, launched.startedAt);
    const about = { type: 'transfer_launched', transfer: id, pid: launched.pid } as const;
    take(recovered ? { ...about, started_at } : about);
    // It was stopped while it was being started, and that may not be written down yet.
    if (this.#unwanted.has(id)) this.stop(id);
    void launched.exited.then((exit) => this.#ended(id, number, exit, reader));
  }

  async #ended(id: string, number: number, exit: Exit, reader: MoverReader): Promise<void> {
    // What it said last says how it ended.
    await untilKnown(() => reader.finish(), this.#trouble(id));
    if (this.#live.get(id)?.launch === number) this.#live.delete(id);
    if (this.#stopped) return;
    const end = endOf(exit, reader.last);
    const file = this.#options.state.transfers.get(id)?.file;
    if (end.kind === 'failed' && end.side === 'source' && file !== undefined) this.#options.doubt(file);
    this.#tellEnd(id, number, end, this.#options.clock.at(exit.endedUptime, exit.endedAt));
  }

  #tellEnd(id: string, launch: number, end: TransferEnd, ended_at = this.#options.clock.now()): void {
    this.#unwanted.delete(id);
    this.#signals.delete(id);
    this.#options.take({ type: 'transfer_ended', transfer: id, launch, end, ended_at });
  }

  /** Ends a mover; one that is just being started is told again when it has. */
  stop(id: string): void {
    this.#unwanted.add(id);
    this.#signals.delete(id);
    void this.#live.get(id)?.launched.group.terminate(GRACE_MS);
  }

  suspend(id: string): void {
    this.#signal(id, 'SIGSTOP');
  }

  resume(id: string): void {
    this.#signal(id, 'SIGCONT');
  }

  #signal(id: string, signal: 'SIGSTOP' | 'SIGCONT'): void {
    const live = this.#live.get(id);
    if (!live || this.#unwanted.has(id)) return;
    this.#signals.set(id, signal);
    const still = () => this.#signals.get(id) === signal;
    const { group } = live.launched;
    void (signal === 'SIGSTOP' ? group.suspend(still) : group.resume(still));
  }

  #trouble(id: string): (message: string) => void {
    return (message) => this.#options.log.warn(`move ${id} waits until this can be read: ${message}`);
  }

  /** Lets go of all movers, which go on. */
  letGo(): void {
    this.#stopped = true;
    for (const { reader } of this.#live.values()) reader.close();
  }
}
