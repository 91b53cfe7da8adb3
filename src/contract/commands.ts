import type { JobDefinition, SettableField } from '../config/schema/job.ts';
import type { CommandError } from '../util/errors.ts';

/** The values that commands may set on a job (contract, section 5). */
export type JobSettings = Partial<Pick<JobDefinition, SettableField> & { paused: boolean }>;

/** A command that has come in and whose form is right; whether it can be done is decided later. */
export type Command =
  | { type: 'set'; job: string; settings: JobSettings }
  | { type: 'start'; job: string; workers: number }
  | { type: 'reset'; job: string }
  | { type: 'dismiss_job'; job: string }
  | { type: 'dismiss_worker'; job: string; slot: number }
  | { type: 'pause_worker'; job: string; slot: number; paused: boolean }
  | { type: 'fire'; name: string }
  /** `fields`: a job as in config.yaml, not yet checked; a `null` means the default. */
  | { type: 'create_job'; job: string; fields: Record<string, unknown> }
  | { type: 'update_job'; job: string; fields: Record<string, unknown> }
  | { type: 'delete_job'; job: string; dismiss: boolean }
  | { type: 'get_job'; job: string }
  | { type: 'list_jobs' }
  | { type: 'reload' };

/** What a command comes to. `data` is what the contract says for it, `null` where it says nothing. */
export type Answer = { status: 'ok'; data: unknown } | { status: 'error'; error: CommandError };
