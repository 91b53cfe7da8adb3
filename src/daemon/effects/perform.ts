import type { Effect } from '../../engine/effects.ts';
import type { Input } from '../../engine/inputs.ts';
import { destinationsOf } from '../../engine/model/placement.ts';
import type { State } from '../../engine/model/state.ts';
import { fileBytes, spaceAt } from '../../host/directories.ts';
import type { History } from '../../storage/history.ts';
import { messageOf } from '../../util/errors.ts';
import type { Logger } from '../../util/log.ts';
import type { Allowance } from '../commands/allowed-directories.ts';
import type { Moving } from '../moving/moving.ts';
import { cleanUp } from './cleanup.ts';
import { growingFiles, growthMark } from './look-at-growth.ts';
import type { OldPlotsRemoval } from './old-plots.ts';
import type { Places } from './places.ts';
import { probeStart } from './probe-start.ts';
import type { RemoteFires } from './remote-fires.ts';
import type { Processes } from './processes.ts';
import type { Timers } from './timers.ts';
import { within } from './within.ts';

/** The history is tried again so often where its disk is full. */
const HISTORY_RETRY_MS = 30_000;
/** A disk that takes longer to say its room counts as one that doesn't say it. */
const ROOM_WITHIN_MS = 5_000;

export interface EffectPerformerOptions {
  state: State;
  dataDir: string;
  processes: Processes;
  moving: Moving;
  places: Places;
  oldPlots: OldPlotsRemoval;
  /** Inside what directories that arrived over MQTT must lie, as config.yaml says now. */
  allowance(): Allowance;
  timers: Timers;
  history: History;
  /** Fires named events at other daemons. */
  remoteFires: RemoteFires;
  /** Takes secrets out of an error: a plotter may have said its own arguments. */
  mask(text: string): string;
  take(input: Input): void;
  log: Logger;
}

/** Does what the engine asks for and reports back. */
export class EffectPerformer {
  readonly #options: EffectPerformerOptions;
  /** Work that was asked for when the daemon came up; `null` once everything is found again. */
  #recovering: Promise<void>[] | null = [];
  /**
   * Workers whose lines are in the history although the state doesn't know that yet; `null` at first, when an earlier
   * daemon may have died between line and record.
   */
  #inHistory: Set<string> | null = null;
  /** By run, the clean-up of one of its workers that was asked for last. */
  readonly #cleaning = new Map<string, Promise<unknown>>();
  /** Choices of old plots happen one after the other, so that no two workers choose the same. */
  #choosing: Promise<void> = Promise.resolve();

  constructor(options: EffectPerformerOptions) {
    this.#options = options;
  }

  /** Resolves when all workers that were there at the start are found again, or their end is told. */
  async recovered(): Promise<void> {
    const found = this.#recovering ?? [];
    this.#recovering = null;
    await Promise.all(found);
    this.#options.moving.recovered();
  }

  perform(effect: Effect): void {
    const { processes, moving, oldPlots, timers, take } = this.#options;
    switch (effect.type) {
      case 'probe':
        void probeStart(effect, this.#options).then((facts) =>
          take({ type: 'probed', job: effect.job, facts }),
        );
        return;
      case 'run': {
        const run = processes.run(effect, this.#recovering !== null);
        this.#recovering?.push(run);
        return;
      }
      case 'terminate':
        return processes.terminate(effect, effect.grace_s);
      case 'finish':
        return processes.finish(effect.run, effect.signal);
      case 'record_worker':
        return processes.record(effect.worker);
      case 'look_at_plot':
        void processes.lookAtPlot(effect.worker);
        return;
      case 'suspend':
        return processes.suspend(effect.run);
      case 'resume':
        return processes.resume(effect.run);
      case 'replot_find':
        this.#choosing = this.#choosing.then(async () => {
          const found = await oldPlots.find(effect);
          take({ type: 'replot_found', worker: effect.worker, found });
        });
        return;
      case 'replot_remove':
        void oldPlots
          .remove(effect)
          .then((outcome) =>
            take({ type: 'replot_removed', worker: effect.worker, file: effect.file, outcome }),
          );
        return;
      case 'cleanup':
        return this.#cleanUp(effect);
      case 'look_at_room':
        void this.#lookAtRoom(effect);
        return;
      case 'look_at_growth':
        void this.#lookAtGrowth(effect.worker);
        return;
      case 'fire_elsewhere':
        return this.#options.remoteFires.fire(effect.id, effect.fire);
      case 'locate_transfer': {
        const located = moving.locate(effect.transfer);
        this.#recovering?.push(located);
        return;
      }
      case 'transfer': {
        const run = moving.run(effect.transfer, this.#recovering !== null);
        this.#recovering?.push(run);
        return;
      }
      case 'look_through':
      case 'survey':
      case 'make_room':
      case 'stop_transfer':
      case 'suspend_transfer':
      case 'resume_transfer':
      case 'forget_transfer':
        return moving.perform(effect);
      case 'history':
        return this.#writeHistory();
      case 'wake':
        return timers.set(effect.timer, effect.at);
      default:
        effect satisfies never;
    }
  }

  async #lookAtRoom({
    worker,
    directory,
    message,
  }: Extract<Effect, { type: 'look_at_room' }>): Promise<void> {
    const space = directory === null ? null : await spaceAt(directory, { timeoutMs: ROOM_WITHIN_MS });
    const free_bytes = space?.free_bytes ?? null;
    this.#options.take({ type: 'room_seen', worker, directory, message, free_bytes });
  }

  async #lookAtGrowth(id: string): Promise<void> {
    const { state, dataDir, take } = this.#options;
    const worker = state.workers.get(id);
    const mark = worker ? await growthMark(growingFiles(worker, state, dataDir), ROOM_WITHIN_MS) : null;
    take({ type: 'growth_seen', worker: id, mark });
  }

  #cleanUp(effect: Extract<Effect, { type: 'cleanup' }>): void {
    const { state, dataDir, take } = this.#options;
    const { worker: id, last } = effect;
    const worker = state.workers.get(id);
    const run = state.runs.get(effect.run);
    const definition = run && effect.several ? state.definitions.get(run.definition) : undefined;
    const leftovers = {
      dataDir,
      worker: id,
      run: effect.run,
      last,
      several: definition ? { nth: effect.nth, definition } : null,
      tempDirs: effect.temp_dirs,
      unfinished: effect.unfinished,
      destinations: worker ? destinationsOf(worker) : [],
      keepLogs: effect.keep_logs,
      keepRunLogs: run?.spec.save_logs ?? effect.keep_logs,
      startedAt: run?.started_at ?? Date.now(),
      plotterBegan: (worker?.plotter_started_at ?? null) !== null,
      byRecord: run?.owns_by_record ?? true,
    };
    // What one worker of a run needs the last of them takes away.
    const cleaned = (this.#cleaning.get(effect.run) ?? Promise.resolve()).then(() => cleanUp(leftovers));
    this.#cleaning.set(effect.run, cleaned);
    void Promise.all([cleaned, hasMoved(effect.handed_on)]).then(([problem, moved]) => {
      if (this.#cleaning.get(effect.run) === cleaned) this.#cleaning.delete(effect.run);
      take({ type: 'cleaned', worker: id, problem, moved, last });
    });
  }

  /** Lines stay in the state until they are in the file; after a crash none comes twice. */
  #writeHistory(): void {
    const { state, history, mask, take, timers, log } = this.#options;
    if (state.history.size === 0) return;
    try {
      const written = this.#inHistory ?? history.hasRecent(state.history.keys());
      const missing = [...state.history].filter(([worker]) => !written.has(worker));
      const lines = missing.map(([, line]) => ({
        ...line,
        error: line.error === null ? null : mask(line.error),
      }));
      const bytes = history.append(lines.map((line) => JSON.stringify(line)));
      this.#inHistory = new Set(state.history.keys());
      take({ type: 'history_written', workers: [...state.history.keys()], bytes });
    } catch (error) {
      log.error(`history.jsonl can't be written, its lines are kept: ${messageOf(error)}`);
      timers.set({ kind: 'history' }, Date.now() + HISTORY_RETRY_MS);
    }
  }
}

/** Whether a plot is where it was made no more; what isn't known is no. */
async function hasMoved(plot: string | null): Promise<boolean> {
  if (plot === null) return false;
  const gone = fileBytes(plot).then((bytes) => bytes === null);
  return (await within(ROOM_WITHIN_MS, gone)) ?? false;
}
