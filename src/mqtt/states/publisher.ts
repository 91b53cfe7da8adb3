import { publishedTopic, type Standing, type StandingKind } from '../../contract/published.ts';
import { JOB_ROWS } from '../../contract/rows/job.ts';
import { keysOf, type PlainKey, plainKeysOf } from '../../contract/rows/row.ts';
import { WORKER_ROWS } from '../../contract/rows/worker.ts';
import { type Topics, topics } from '../../contract/topics.ts';
import type { JobView, WorkerView } from '../../contract/views.ts';
import type { OutgoingEvent } from '../sending/event-queue.ts';
import { MoveTopics } from './move-topics.ts';
import type { Outbox } from '../sending/outbox.ts';
import { FarmTopic } from './farm-topic.ts';
import { type Difference, Shown } from './shown.ts';
import { staleTopics } from './stale-topics.ts';
import { standing } from './standing.ts';
import type { EventSubject, StateReader } from './state-reader.ts';
import { SteadyTexts } from './steady-texts.ts';
import { Throttle } from './throttle.ts';

type ShownJob = Shown<JobView, PlainKey<typeof JOB_ROWS>>;
type ShownWorker = Shown<WorkerView, PlainKey<typeof WORKER_ROWS>>;
const [JOB_KEYS, JOB_PLAIN_KEYS] = [keysOf(JOB_ROWS), plainKeysOf(JOB_ROWS)];
const [WORKER_KEYS, WORKER_PLAIN_KEYS] = [keysOf(WORKER_ROWS), plainKeysOf(WORKER_ROWS)];

interface Job {
  id: string;
  shown: ShownJob;
  slots: Map<number, Slot>;
}
interface Slot {
  job: string;
  slot: number;
  shown: ShownWorker;
}
/**
 * Shows the state of jobs and workers on their topics, and tells events behind the state that they tell of. Marking
 * something as changed is cheap; what was marked is read and sent once, at the end of the tick or at `flush`, and the
 * events after it. Where only progress or eta changed, that is at most once per `intervalMs`, the last value always
 * comes, and an event has it come at once.
 */
export class Publisher {
  readonly topics: Topics;
  readonly #outbox: Outbox;
  readonly #reader: StateReader;
  readonly #jobs = new Map<string, Job>();
  readonly #changedJobs = new Set<string>();
  readonly #changedSlots = new Map<string, Set<number>>();
  /** Events that wait for the state to go out before them. */
  readonly #events: OutgoingEvent[] = [];
  /** Whom these events are about: nothing of them is held back. */
  readonly #told = new Set<Job | Slot>();
  #statsChanged = false;
  readonly #farm: FarmTopic;
  readonly #moves: MoveTopics;
  #scheduled: NodeJS.Immediate | undefined;
  readonly #throttle: Throttle<Job | Slot>;
  readonly #texts = new SteadyTexts((id) => this.jobChanged(id));

  constructor(outbox: Outbox, reader: StateReader, options: { base: string; intervalMs: number }) {
    this.#outbox = outbox;
    this.#reader = reader;
    this.#farm = new FarmTopic(reader);
    this.topics = topics(options.base);
    this.#moves = new MoveTopics(outbox, reader, this.topics);
    this.#throttle = new Throttle(options.intervalMs, (due) => {
      for (const target of due) {
        if ('slot' in target) this.workerChanged(target.job, target.slot);
        else this.jobChanged(target.id);
      }
      this.flush();
    });
  }

  /** Marks all jobs and slots as changed. */
  all(): void {
    for (const id of this.#reader.jobIds()) {
      this.jobChanged(id);
      for (const slot of this.#reader.slots(id)) this.workerChanged(id, slot);
    }
    for (const id of this.#reader.moveIds()) this.moveChanged(id);
    this.statsChanged();
  }

  /** A move is new, gone or changed. */
  moveChanged(id: string): void {
    this.#moves.changed(id);
    this.#schedule();
  }

  jobChanged(id: string): void {
    this.#changedJobs.add(id);
    this.#schedule();
  }

  workerChanged(id: string, slot: number): void {
    const slots = this.#changedSlots.get(id);
    if (slots) slots.add(slot);
    else this.#changedSlots.set(id, new Set([slot]));
    this.#schedule();
  }

  /**
   * Marks a worker, and its job, of which only progress and eta may have changed: what is held back isn't even looked
   * at before its time has come.
   */
  workerMoved(id: string, slot: number): void {
    const now = performance.now();
    const job = this.#jobs.get(id);
    const held = job?.slots.get(slot);
    if (!held || !this.#throttle.holds(held, now)) this.workerChanged(id, slot);
    // Without a limit a job has no progress that could move.
    if (job?.shown.view?.progress === null) return;
    if (!job || !this.#throttle.holds(job, now)) this.jobChanged(id);
  }

  /** Marks what is said of all jobs together as changed. */
  statsChanged(): void {
    this.#statsChanged = true;
    this.#schedule();
  }

  /** Publishes an event once the state of all that was changed until now is on its way (contract, section 4). */
  event(event: OutgoingEvent, { job: id, slot }: EventSubject = { job: null, slot: null }): void {
    this.#events.push(event);
    const job = id === null ? undefined : this.#jobs.get(id);
    if (job) {
      this.#told.add(job);
      // Without a limit a job has no progress that could have moved; what else has changed is marked.
      if (job.shown.view?.progress !== null) this.jobChanged(job.id);
    }
    const held = slot === null ? undefined : job?.slots.get(slot);
    if (held) {
      this.#told.add(held);
      this.workerChanged(held.job, held.slot);
    }
    this.#schedule();
  }

  /** Clears all that is retained of a job. */
  jobRemoved(id: string): void {
    const job = this.#jobs.get(id);
    this.#changedJobs.delete(id);
    this.#changedSlots.delete(id);
    if (!job) return;
    for (const slot of [...job.slots.keys()]) this.slotRemoved(id, slot);
    this.#throttle.delete(job);
    this.#texts.delete(id);
    this.#jobs.delete(id);
    this.#clear(job.shown);
  }

  /** Clears all that is retained of a slot. */
  slotRemoved(id: string, slot: number): void {
    const job = this.#jobs.get(id);
    this.#changedSlots.get(id)?.delete(slot);
    const held = job?.slots.get(slot);
    if (!job || !held) return;
    this.#throttle.delete(held);
    job.slots.delete(slot);
    this.#clear(held.shown);
  }

  /** What is to stand on a topic of which there is one, and on the plain topics below it. */
  stand<Kind extends StandingKind>(kind: Kind, view: Standing<Kind>): void {
    const { rows = {} } = publishedTopic(kind);
    for (const [topic, payload] of standing(this.topics.single(kind), rows, view))
      this.#outbox.retain(topic, payload);
  }

  /** Hands everything that was marked to the outbox, now. */
  flush(): void {
    clearImmediate(this.#scheduled);
    this.#scheduled = undefined;
    const now = performance.now();
    for (const id of this.#changedJobs) this.#showJob(id, now);
    this.#changedJobs.clear();
    for (const [id, slots] of this.#changedSlots) for (const slot of slots) this.#showSlot(id, slot, now);
    this.#changedSlots.clear();
    this.#moves.show();
    if (this.#statsChanged) {
      this.stand('bridgeStats', this.#reader.stats());
      this.stand('farm', this.#farm.view(now));
    }
    this.#statsChanged = false;
    this.#told.clear();
    for (const event of this.#events.splice(0)) this.#outbox.event(event);
  }

  /** Stops its timers. */
  stop(): void {
    this.flush();
    this.#throttle.stop();
    this.#texts.stop();
  }

  /** See `staleTopics`. */
  stale(topic: string): string[] {
    return staleTopics(this.topics.base, topic, this.#reader);
  }

  #showJob(id: string, now: number): void {
    if (this.#hasOnlyMoved(id, now)) return;
    const view = this.#jobView(id, now);
    if (!view) return this.jobRemoved(id);
    const job = this.#job(id);
    const difference = job.shown.difference(view);
    if (difference === 'more') this.#matchSlots(job);
    if (this.#isDue(job, difference, now))
      job.shown.show(view, (topic, payload) => this.#outbox.retain(topic, payload));
  }

  /** Whether it is too early for progress and eta, and there is nothing else. */
  #hasOnlyMoved(id: string, now: number): boolean {
    const job = this.#jobs.get(id);
    const { view } = job?.shown ?? {};
    if (!job || !view || this.#told.has(job) || !this.#throttle.holds(job, now)) return false;
    const still = this.#jobView(id, now, view);
    return still !== undefined && job.shown.difference(still) === 'none';
  }

  /** A job as it is to be shown, its sentence as it stands while nothing but numbers would be others in it. */
  #jobView(id: string, now: number, lively?: JobView): JobView | undefined {
    const view = this.#reader.jobView(id, lively);
    if (!view) return undefined;
    const { waiting_for, waiting_text, next_start_at } = view;
    const about = `${waiting_for} ${next_start_at} ${waiting_text.replace(/\d+/g, '')}`;
    const text = this.#texts.show(id, about, waiting_text, now);
    return text === waiting_text ? view : { ...view, waiting_text: text };
  }

  #showSlot(id: string, number: number, now: number): void {
    const view = this.#reader.workerView(id, number);
    if (!view) return this.slotRemoved(id, number);
    const { slots } = this.#job(id);
    let slot = slots.get(number);
    if (!slot) {
      slot = {
        job: id,
        slot: number,
        shown: new Shown(this.topics.worker(id, number), WORKER_KEYS, WORKER_PLAIN_KEYS),
      };
      slots.set(number, slot);
    }
    if (this.#isDue(slot, slot.shown.difference(view), now))
      slot.shown.show(view, (topic, payload) => this.#outbox.retain(topic, payload));
  }

  /** Slots come and go with a job's limit. */
  #matchSlots({ id, slots }: Job): void {
    const there = new Set(this.#reader.slots(id));
    for (const slot of slots.keys()) if (!there.has(slot)) this.slotRemoved(id, slot);
    for (const slot of there) if (!slots.has(slot)) this.workerChanged(id, slot);
  }

  #job(id: string): Job {
    let job = this.#jobs.get(id);
    if (!job) {
      job = { id, shown: new Shown(this.topics.job(id), JOB_KEYS, JOB_PLAIN_KEYS), slots: new Map() };
      this.#jobs.set(id, job);
    }
    return job;
  }

  #isDue(target: Job | Slot, difference: Difference, now: number): boolean {
    const patient = difference === 'progress' && !this.#told.has(target);
    if (patient && this.#throttle.holds(target, now)) return false;
    this.#throttle.delete(target);
    if (difference === 'none') this.#throttle.rest(target, now);
    else target.shown.sentAt = now;
    return difference !== 'none';
  }

  #clear(shown: ShownJob | ShownWorker): void {
    for (const topic of shown.plainTopics) this.#outbox.clear(topic);
    this.#outbox.clear(shown.topic);
  }

  #schedule(): void {
    this.#scheduled ??= setImmediate(() => {
      this.#scheduled = undefined;
      this.flush();
    });
  }
}
