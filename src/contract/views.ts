import type { Values } from './rows/carriers.ts';
import type { FARM_ROWS } from './rows/farm.ts';
import type { FILE_SYSTEM } from './rows/filesystems.ts';
import type { DISK, HOST_ROWS } from './rows/host.ts';
import type { JOB_ROWS } from './rows/job.ts';
import type { MOVE_ROWS } from './rows/move.ts';
import type { View } from './rows/row.ts';
import type { STATS_ROWS } from './rows/stats.ts';
import type { WORKER_ROWS } from './rows/worker.ts';

/** The version of the public contract: topics, payloads, commands. A test says of which version all is there. */
export const CONTRACT_VERSION = 2;

export const JOB_STATES = ['blocked', 'paused', 'running', 'done', 'disabled', 'idle'] as const;
export type JobStateName = (typeof JOB_STATES)[number];

export const WORKER_STATUSES = [
  'idle',
  'pre_process',
  'plotting',
  'paused',
  'post_process',
  'cleanup',
  'failed',
] as const;
export type WorkerStatus = (typeof WORKER_STATUSES)[number];

/** What `B/job/<job>` shows. */
export type JobView = View<typeof JOB_ROWS>;
/** What moves all the time, and takes a look at every worker of a job. */
export type LivelyView = Pick<JobView, 'progress' | 'eta'>;
/** What a job waits for. */
export type WaitingView = Pick<JobView, 'waiting_for' | 'waiting_text' | 'next_start_at'>;
/** What `B/job/<job>/worker/<slot>` shows. */
export type WorkerView = View<typeof WORKER_ROWS>;
/** What `B/move/<move>` shows. */
export type MoveView = View<typeof MOVE_ROWS>;
/** What `B/bridge/stats` shows. */
export type BridgeStats = View<typeof STATS_ROWS>;
/** What `B/farm` shows. */
export type FarmView = View<typeof FARM_ROWS>;
/** Of the file systems of all destinations, each once. */
export type FarmDisks = Pick<FarmView, 'free_bytes' | 'total_bytes' | 'full_at'>;
/** What `B/host` shows. */
export type HostFigures = View<typeof HOST_ROWS>;
export type DiskFigures = Values<typeof DISK>;
/** A file system of `B/host/filesystems`. */
export type FileSystemFigures = Values<typeof FILE_SYSTEM>;
export type DiskState = DiskFigures['state'];
/** The room on a file system. */
export type Space = Pick<DiskFigures, 'free_bytes' | 'total_bytes'>;
