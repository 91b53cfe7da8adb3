import type { BridgeStats, JobView, LivelyView, WorkerView } from '../contract/views.ts';

/** Where the publisher reads what is to be shown. */
export interface StateReader {
  jobIds(): string[];
  /** With `lively` progress and eta are that, which saves a look at every worker. */
  jobView(id: string, lively?: LivelyView): JobView | undefined;
  /** The slots that are shown: 1 to `max_workers`, or those ever used. */
  slots(id: string): number[];
  workerView(id: string, slot: number): WorkerView | undefined;
  stats(): BridgeStats;
}

/** Whom an event is about. */
export interface EventSubject {
  job: string | null;
  slot: number | null;
}
