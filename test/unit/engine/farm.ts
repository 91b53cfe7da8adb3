import { basename, dirname } from 'node:path';
import type { ReplotRule } from '../../../src/config/schema/replot.ts';
import { type Effect, replotKey } from '../../../src/engine/effects.ts';
import type {
  DirectoryFacts,
  FoundPlots,
  Input,
  PlotOutcome,
  SeenPlot,
  UsedRoom,
} from '../../../src/engine/inputs.ts';
import type { ProcessRef } from '../../../src/engine/model/process-ref.ts';
import type { RemoteFire } from '../../../src/engine/model/remote-fire.ts';
import { destinationOf } from '../../../src/engine/model/placement.ts';
import { newestOf, runOf, type State, workersOf } from '../../../src/engine/model/state.ts';
import type { WorkerState } from '../../../src/engine/model/worker-state.ts';
import { decideOldPlots } from '../../../src/engine/moving/decide.ts';
import { namesInHand } from '../../../src/engine/moving/names-in-hand.ts';
import { plotFile } from '../../../src/engine/working/stages.ts';
import { isPattern } from '../../../src/util/directory-patterns.ts';
import type {
  FinishedPlot,
  OldPlotsAtPlace,
  PlaceFacts,
  SurveyedOldPlots,
  TransferEnd,
} from '../../../src/engine/moving/facts.ts';
import type { ProcessKind } from '../../../src/process/files.ts';

/** A process of a run or worker, as the machine knows it: it outlives the daemon. */
export interface FarmProcess {
  worker: string;
  kind: ProcessKind;
  pid: number;
  suspended: boolean;
  /** `null` while it runs. */
  exit: { code: number | null; plot: boolean; at: number } | null;
}

type Exited = Extract<Input, { type: 'exited' }>;
type Work = Exclude<Effect, { type: 'wake' }>;

/** The machine: disks, processes and files. It does what is asked for once, and remembers what it did. */
export class Farm {
  /** What the engine asked for and nobody did yet. */
  readonly outstanding: Work[] = [];
  /** Finished plots by move, the directories to which they may go, and the movers that run, with how they are. */
  readonly finished = new Map<string, FinishedPlot[]>();
  readonly places: PlaceFacts[] = [];
  readonly movers = new Map<string, { launch: number; suspended: boolean }>();
  readonly forgotten: string[] = [];
  /** What is left for later. */
  readonly held = new Set<Effect['type']>();
  readonly processes: FarmProcess[] = [];
  /** What a look at a path finds; the rest is there, on one device, with plenty of room. */
  readonly disks = new Map<string, Partial<DirectoryFacts>>();
  /** The directories that a pattern matches; none, where it isn't here. */
  readonly matches = new Map<string, string[]>();
  readonly used = new Map<string, UsedRoom>();
  /** By transfer, bytes that it has written. */
  readonly written = new Map<string, number>();
  /** Old plots in the destination, oldest first. */
  readonly oldPlots: { file: string; size: number }[] = [];
  /** Plots to be moved that the rule of their move means itself. */
  readonly oldThemselves = new Set<string>();
  /** Which of them a rule means. */
  meant: (rule: ReplotRule, file: string) => boolean = () => true;
  readonly cleaned: string[] = [];
  readonly history: string[] = [];
  /** Named events that were sent to other daemons, each as often as it was. */
  readonly elsewhere: ({ id: string } & RemoteFire)[] = [];
  /** Plots of runs that make several, by file, that are in their place. */
  readonly inPlace = new Set<string>();
  /** Runs whose plotter was asked to end after its plot, as often as it was. */
  readonly finished_runs: string[] = [];
  /** What a removal or a clean-up comes to; `null`: it works. */
  problem: string | null = null;
  /** What is free where a plotter waits; `null`: its disk doesn't say. */
  free: number | null = 0;
  /** Why no process can be started; `null`: it can. */
  cantLaunch: string | null = null;

  /** Workers whose files don't grow, and those whose disks don't say; others' grow all the time. */
  readonly quiet = new Set<string>();
  readonly unanswered = new Set<string>();
  #looks = 0;

  #markOf(worker: string): string | null {
    if (this.unanswered.has(worker)) return null;
    if (this.quiet.has(worker)) return 'quiet';
    this.#looks += 1;
    return String(this.#looks);
  }

  /** Does the next thing that isn't held, and tells what came of it. */
  next(state: State, now: number): Input | null {
    for (;;) {
      const index = this.outstanding.findIndex(({ type }) => !this.held.has(type));
      const [work] = index === -1 ? [] : this.outstanding.splice(index, 1);
      if (!work) return null;
      const input = this.perform(work, state, now);
      if (input) return input;
    }
  }

  /** The daemon is gone, and with it what it had on its mind. */
  forget(): void {
    this.outstanding.length = 0;
  }

  /** Does one thing. */
  perform(work: Work, state: State, now: number): Input | null {
    switch (work.type) {
      case 'probe':
        return this.#probe(work);
      case 'run':
        return this.#run(work, state);
      case 'terminate':
        return this.running(work.owner, work.kind)
          ? this.exit(work.owner, 143, now, { plot: false }, state)
          : null;
      case 'suspend':
      case 'resume': {
        const process = this.running(work.run, 'plotter');
        if (process) process.suspended = work.type === 'suspend';
        return null;
      }
      case 'replot_find':
        return { type: 'replot_found', worker: work.worker, found: this.#find(work.worker, state) };
      case 'replot_remove':
        return this.#remove(work.worker, work.file);
      case 'cleanup':
        this.cleaned.push(work.worker);
        return { type: 'cleaned', worker: work.worker, problem: this.problem, last: work.last };
      case 'finish':
        this.finished_runs.push(work.run);
        return null;
      case 'record_worker':
        return null;
      case 'look_at_plot': {
        const worker = state.workers.get(work.worker);
        if (!worker) return null;
        const placed = worker.final_file !== null;
        return { type: 'plot_seen', worker: work.worker, plot: this.#seenOf(worker, state), placed };
      }
      case 'look_at_room': {
        const { worker, directory, message } = work;
        return { type: 'room_seen', worker, directory, message, free_bytes: this.free };
      }
      case 'look_at_growth':
        return { type: 'growth_seen', worker: work.worker, mark: this.#markOf(work.worker) };
      case 'fire_elsewhere': {
        const { id, fire } = work;
        if (fire === null) return null;
        this.elsewhere.push({ id, ...fire });
        return { type: 'fired_elsewhere', id };
      }
      case 'look_through':
        return {
          type: 'looked_through',
          move: work.move,
          began: now,
          plots: this.finished.get(work.move) ?? [],
        };
      case 'survey':
        return {
          ...{
            type: 'surveyed',
            move: work.move,
            number: work.number,
            places: [...this.places],
            used: this.used,
            written: this.written,
          },
          ...(work.files.length === 0 ? {} : { old_plots: this.#oldPlotsOfMove(work.files, now) }),
        };
      case 'make_room':
        return this.#makeRoom(work, state);
      case 'locate_transfer': {
        const { to } = state.transfers.get(work.transfer) ?? {};
        const device = this.places.find(({ directory }) => directory === to)?.device;
        return device === undefined
          ? null
          : { type: 'transfer_located', transfer: work.transfer, filesystem: device };
      }
      case 'transfer': {
        const transfer = state.transfers.get(work.transfer);
        if (transfer?.step !== 'moving') return null;
        this.movers.set(work.transfer, { launch: transfer.launches, suspended: false });
        return { type: 'transfer_launched', transfer: work.transfer, pid: 1 };
      }
      case 'stop_transfer':
        return this.endMover(work.transfer, { kind: 'stopped' }, now);
      case 'suspend_transfer':
      case 'resume_transfer': {
        const mover = this.movers.get(work.transfer);
        if (mover) mover.suspended = work.type === 'suspend_transfer';
        return null;
      }
      case 'forget_transfer':
        this.forgotten.push(work.transfer);
        return null;
      case 'history':
        for (const { worker } of state.history.values())
          if (worker !== null && !this.history.includes(worker)) this.history.push(worker);
        return { type: 'history_written', workers: [...state.history.keys()] };
      default:
        return work satisfies never;
    }
  }

  /** A mover ends; what is to be told of it. */
  endMover(transfer: string, end: TransferEnd, now: number): Input | null {
    const mover = this.movers.get(transfer);
    this.movers.delete(transfer);
    return mover ? { type: 'transfer_ended', transfer, launch: mover.launch, end, ended_at: now } : null;
  }

  #oldPlotsOfMove(files: readonly FinishedPlot[], began: number): SurveyedOldPlots {
    const fresh = files.map(({ file }) => file).filter((file) => !this.oldThemselves.has(file));
    const by_directory = this.places.map(({ directory, device }): [string, OldPlotsAtPlace] => {
      const plots = this.oldPlots.filter(({ file }) => file.startsWith(`${directory}/`));
      const filesystem = `/mnt/${device}`;
      return [directory, { filesystem, plots: plots.map((plot) => ({ ...plot, filesystem })) }];
    });
    return { began, fresh: new Set(fresh), by_directory: new Map(by_directory) };
  }

  #makeRoom({ transfer, file, only_look }: Extract<Work, { type: 'make_room' }>, state: State): Input {
    const told = { type: 'room_made' as const, transfer, file };
    const index = this.oldPlots.findIndex((plot) => plot.file === file);
    if (only_look) return { ...told, outcome: { kind: index === -1 ? 'gone' : 'there' } };
    if (state.transfers.get(transfer)?.step !== 'making_room') throw new Error(`${file} goes for nobody`);
    if (this.problem !== null)
      return { ...told, outcome: { kind: 'failed', side: 'destination', error: this.problem } };
    const [plot] = index === -1 ? [] : this.oldPlots.splice(index, 1);
    const place = this.places.findIndex(({ directory }) => file.startsWith(`${directory}/`));
    const present = this.places[place];
    if (plot && present)
      this.places.splice(place, 1, { ...present, free_bytes: present.free_bytes + plot.size });
    return { ...told, outcome: { kind: 'removed' } };
  }

  #probe(work: Extract<Work, { type: 'probe' }>): Input {
    const directories = work.directories.flatMap(({ path: written, argument, role }) => {
      const paths = isPattern(written) ? (this.matches.get(written) ?? []) : [written];
      return paths.map((path) => ({
        ...{ argument, role, path, problem: null, device: 'disk', free_bytes: 1e12 },
        ...this.disks.get(path),
      }));
    });
    const destinations = directories.flatMap(({ role, path }) => (role === 'destination' ? [path] : []));
    const old_plots = new Map(
      work.replot.flatMap(({ directory, rule, count }) =>
        (directory === null ? destinations : [directory]).map((path) => {
          const plots = this.#oldPlotsFor(rule, path).slice(0, count);
          return [replotKey({ directory: path, rule }), { plots, filesystem: '/' }];
        }),
      ),
    );
    return {
      type: 'probed',
      job: work.job,
      facts: { wanted: work.directories, directories, old_plots, used: this.used },
    };
  }

  /** Those that a rule means on the disk of a destination. */
  #oldPlotsFor(rule: ReplotRule, destination: string): { file: string; size: number }[] {
    const deviceOf = (path: string) => this.disks.get(path)?.device ?? 'disk';
    return this.oldPlots.filter(
      ({ file }) => this.meant(rule, file) && deviceOf(dirname(file)) === deviceOf(destination),
    );
  }

  #find(id: string, state: State): FoundPlots {
    const worker = state.workers.get(id);
    const rule = worker?.replot_rule ?? null;
    if (!worker || rule === null) return { kind: 'none' };
    const inHand = namesInHand(state, worker);
    const destination = destinationOf(worker) ?? '';
    const plots = this.#oldPlotsFor(rule, destination)
      .filter(({ file }) => !inHand.has(basename(file)))
      .map((plot) => ({ ...plot, filesystem: '/' }));
    const { free_bytes = 1e12 } = this.disks.get(destination) ?? {};
    return decideOldPlots(state, worker, {
      plots,
      filesystem: '/',
      free_bytes,
      used: this.used,
      written: this.written,
    });
  }

  #run({ owner, kind }: ProcessRef, state: State): Input | null {
    const known = kind === 'post' ? state.workers.get(owner) : newestOf(state, owner);
    // What was asked for before it ended is stale.
    if (known?.step !== kind || known.held) return null;
    const present = this.processes.find((each) => each.worker === owner && each.kind === kind);
    const told = kind === 'post' ? known.post !== null : runOf(state, known).process?.kind === kind;
    if (present?.exit && told) return this.#exited(present, state);
    if (present) {
      // Its end is told after its start.
      if (present.exit) this.outstanding.unshift({ type: 'run', owner, kind });
      return { type: 'launched', owner, kind, pid: present.pid, recovered: present.exit === null };
    }
    if (this.cantLaunch !== null) return { type: 'launch_failed', owner, kind, message: this.cantLaunch };
    const pid = 1000 + this.processes.length;
    this.processes.push({ worker: owner, kind, pid, suspended: false, exit: null });
    return { type: 'launched', owner, kind, pid, recovered: false };
  }

  #remove(worker: string, file: string): Input {
    const index = this.oldPlots.findIndex((plot) => plot.file === file);
    if (index !== -1 && this.problem === null) this.oldPlots.splice(index, 1);
    const outcome: PlotOutcome =
      this.problem === null ? { kind: 'removed' } : { kind: 'failed', reason: this.problem };
    return { type: 'replot_removed', worker, file, outcome };
  }

  #seenOf(worker: WorkerState, state: State): SeenPlot {
    const file = plotFile(state, worker) ?? '';
    const there = this.inPlace.has(file);
    return { file, problem: there ? null : `its plot isn't there: ${file}`, bytes: there ? 100 : 0 };
  }

  /** Of a run that makes several plots, those of all its workers that its plotter makes. */
  #older(run: string, state: State): ReadonlyMap<string, SeenPlot> {
    return new Map(workersOf(state, run).map((worker) => [worker.id, this.#seenOf(worker, state)]));
  }

  /** The process of a run or worker that runs now; of this kind, if that is asked. */
  running(worker: string, kind?: ProcessKind): FarmProcess | undefined {
    return this.processes.find(
      (each) => each.worker === worker && each.exit === null && each.kind === (kind ?? each.kind),
    );
  }

  /** A worker's process ends; what is to be told of it. */
  exit(
    worker: string,
    code: number | null,
    now: number,
    options: { plot?: boolean; tail?: string[]; kind?: ProcessKind } = {},
    state?: State,
  ): Exited | null {
    const process = this.running(worker, options.kind);
    if (!process) return null;
    process.exit = { code, plot: options.plot ?? code === 0, at: now };
    return { ...this.#exited(process, state), tail: options.tail ?? [] };
  }

  /** The end of a process once more, with what was found of its plots since. */
  again(exited: Exited, state: State): Exited {
    const process = this.processes.find((each) => each.worker === exited.owner && each.kind === exited.kind);
    return process ? this.#exited(process, state) : exited;
  }

  #exited({ worker, kind, exit }: FarmProcess, state?: State): Exited {
    const run = kind === 'plotter' ? state?.runs.get(worker) : undefined;
    const several = state && run && run.plots > 1 ? this.#older(worker, state) : null;
    const newest = state && several ? newestOf(state, worker) : undefined;
    const known = state?.workers.get(worker);
    const named = known && state ? plotFile(state, known) : null;
    const file = named ?? `/dest/${worker}.plot`;
    return {
      type: 'exited',
      owner: worker,
      kind,
      exit: { code: exit?.code ?? null, lost: exit?.code === null, ended_at: exit?.at ?? 0 },
      ...(several && { older: several }),
      plot: several
        ? (several.get(newest?.id ?? '') ?? null)
        : kind === 'plotter'
          ? {
              file,
              problem: exit?.plot ? null : `its plot isn't there: ${file}`,
              bytes: exit?.plot ? 100 : 0,
            }
          : null,
      tail: [],
    };
  }
}
