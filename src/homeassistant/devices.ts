import type { Frame } from './device-document.ts';
import {
  type BridgeDevice,
  bridgeDocument,
  type JobDevices,
  jobDocument,
  moveDocument,
  topicOf,
  workerDocument,
} from './documents.ts';
import type { KnownFileSystems } from './known-file-systems.ts';
import type { PublishPlan } from './publish-plan.ts';

/** What the devices are to show. */
export interface DeviceReader {
  jobIds(): Iterable<string>;
  /** `undefined` where there is no such job. */
  job(id: string): JobDevices | undefined;
  moveIds(): Iterable<string>;
  /** How a move is called; `undefined` where there is no such move. */
  moveTitle(id: string): string | undefined;
  /** Its file systems are those that are there now. */
  bridge(): BridgeDevice;
  /** Hides what is secret in a path. */
  mask(path: string): string;
}

/** Knows what the devices show, and asks for those documents that are others than before. */
export class Devices {
  readonly #frame: Frame;
  readonly #reader: DeviceReader;
  readonly #plan: Pick<PublishPlan, 'want' | 'unwant'>;
  readonly #jobs = new Map<string, JobDevices>();
  readonly #moves = new Map<string, string>();
  readonly #fileSystems: KnownFileSystems;
  #bridge: string | null = null;

  constructor(
    frame: Frame,
    reader: DeviceReader,
    plan: Pick<PublishPlan, 'want' | 'unwant'>,
    fileSystems: KnownFileSystems,
  ) {
    this.#fileSystems = fileSystems;
    this.#frame = frame;
    this.#reader = reader;
    this.#plan = plan;
  }

  all(): void {
    this.bridge();
    for (const id of this.#reader.jobIds()) this.job(id);
    for (const id of this.#reader.moveIds()) this.move(id);
  }

  /** All once more, whatever was asked for before. */
  again(): void {
    this.#bridge = null;
    this.#jobs.clear();
    this.#moves.clear();
    this.all();
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

  /** The bridge, as it is now. Returns whether it is another one than before. */
  bridge(): boolean {
    const { holds, fileSystems } = this.#reader.bridge();
    const all = this.#fileSystems.with(fileSystems, Date.now(), (path) => this.#reader.mask(path));
    const sorted = all.sort((one, other) => (one.path < other.path ? -1 : 1));
    const look = JSON.stringify({ holds, sorted });
    if (look === this.#bridge) return false;
    this.#bridge = look;
    this.#plan.want(bridgeDocument(this.#frame, { holds, fileSystems: sorted }));
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
    const isOther = !before || lookOf(before) !== lookOf(now);
    if (before && !isOther && sameList(before.slots, now.slots)) return;
    this.#jobs.set(id, now);
    if (isOther) this.#plan.want(jobDocument(this.#frame, id, now));
    const had = new Set(before?.slots);
    for (const slot of now.slots)
      if (!had.delete(slot) || isOther) this.#plan.want(workerDocument(this.#frame, id, now, slot));
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

/** All that documents show of a job but which slots there are. */
function lookOf({ slots: _, ...look }: JobDevices): string {
  return JSON.stringify(look);
}

function sameList<Item>(one: readonly Item[], others: readonly Item[]): boolean {
  return one.length === others.length && one.every((item, index) => Object.is(item, others[index]));
}
