import type {
  BridgeStats,
  FarmView,
  JobView,
  LivelyView,
  MoveView,
  WorkerView,
} from '../../contract/views.ts';

/** Where the publisher reads what is to be shown. */
export interface StateReader {
  jobIds(): string[];
  /** With `lively` progress and eta are that, which saves a look at every worker. */
  jobView(id: string, lively?: LivelyView): JobView | undefined;
  /** The slots that are shown: 1 to `max_workers`, or those ever used. */
  slots(id: string): number[];
  workerView(id: string, slot: number): WorkerView | undefined;
  moveIds(): string[];
  moveView(id: string): MoveView | undefined;
  stats(): BridgeStats;
  /** With `lively`, and as many workers, `last_end_at` is that, which saves a look at every worker. */
  farm(lively?: FarmView): FarmView;
}

/** Whom an event is about. */
export interface EventSubject {
  job: string | null;
  slot: number | null;
}
