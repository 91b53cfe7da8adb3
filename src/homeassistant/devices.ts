import {
  bridgeDocument,
  type Frame,
  type JobDevices,
  jobDocument,
  moveDocument,
  topicOf,
  workerDocument,
} from './documents.ts';
import type { ShownDirectory } from './entities/bridge.ts';
import type { PublishPlan } from './publish-plan.ts';

/** What the devices are to show. */
export interface DeviceReader {
  jobIds(): Iterable<string>;
  /** `undefined` where there is no such job. */
  job(id: string): JobDevices | undefined;
  moveIds(): Iterable<string>;
  /** How a move is called; `undefined` where there is no such move. */
  moveTitle(id: string): string | undefined;
  /** The directories whose free space `B/host` has. */
  directories(): readonly ShownDirectory[];
}

/** Knows what the devices show, and asks for those documents that are others than before. */
export class Devices {
  readonly #frame: Frame;
  readonly #reader: DeviceReader;
  readonly #plan: Pick<PublishPlan, 'want' | 'unwant'>;
  readonly #jobs = new Map<string, JobDevices>();
  readonly #moves = new Map<string, string>();
  #directories: readonly ShownDirectory[] | null = null;

  constructor(frame: Frame, reader: DeviceReader, plan: Pick<PublishPlan, 'want' | 'unwant'>) {
    this.#frame = frame;
    this.#reader = reader;
    this.#plan = plan;
  }

  all(): void {
    this.bridge(this.#reader.directories());
    for (const id of this.#reader.jobIds()) this.job(id);
    for (const id of this.#reader.moveIds()) this.move(id);
  }

  /** A move, as it is now. */
  move(id: string): void {
    const before = this.#moves.get(id);
    const title = this.#reader.moveTitle(id);
    if (title === before) return;
    if (title === undefined) {
      this.#moves.delete(id);
      return this.#plan.unwant(topicOf(this.#frame, { kind: 'move', move: id }));
    }
    this.#moves.set(id, title);
    this.#plan.want(moveDocument(this.#frame, id, title));
  }

  /** The bridge, with these directories. Returns whether it is another one now. */
  bridge(directories: readonly ShownDirectory[]): boolean {
    const sorted = [...directories].sort((one, other) => (one.path < other.path ? -1 : 1));
    if (this.#directories && sameList(sorted, this.#directories, isShownTheSame)) return false;
    this.#directories = sorted;
    this.#plan.want(bridgeDocument(this.#frame, sorted));
    return true;
  }

  /** A job and its slots, as they are now. */
  job(id: string): void {
    const before = this.#jobs.get(id);
    const now = this.#reader.job(id);
    if (now) this.#show(id, before, now);
    else if (before) this.#remove(id, before);
  }

  #show(id: string, before: JobDevices | undefined, now: JobDevices): void {
    const renamed = before?.title !== now.title;
    const changed = renamed || before.metered !== now.metered;
    if (before && !changed && sameList(before.slots, now.slots)) return;
    this.#jobs.set(id, now);
    if (changed) this.#plan.want(jobDocument(this.#frame, id, now.title, now.metered));
    const had = new Set(before?.slots);
    for (const slot of now.slots)
      if (!had.delete(slot) || renamed) this.#plan.want(workerDocument(this.#frame, id, now.title, slot));
    for (const slot of had) this.#unwantWorker(id, slot);
  }

  #remove(id: string, { slots }: JobDevices): void {
    this.#jobs.delete(id);
    for (const slot of slots) this.#unwantWorker(id, slot);
    this.#plan.unwant(topicOf(this.#frame, { kind: 'job', job: id }));
  }

  #unwantWorker(job: string, slot: number): void {
    this.#plan.unwant(topicOf(this.#frame, { kind: 'worker', job, slot }));
  }
}

function isShownTheSame(one: ShownDirectory, other: ShownDirectory): boolean {
  return one.path === other.path && one.shown === other.shown && one.nth === other.nth;
}

function sameList<Item>(
  one: readonly Item[],
  others: readonly Item[],
  isSame: (one: Item, other: Item) => boolean = Object.is,
): boolean {
  return (
    one.length === others.length &&
    one.every((item, index) => {
      const other = others[index];
      return other !== undefined && isSame(item, other);
    })
  );
}
