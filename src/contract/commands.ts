import type { CommandError } from './error-codes.ts';
import type { EventsQuery } from './event-query.ts';
import type { HistoryQuery } from './history.ts';
import type { HoldWanted } from './holds.ts';
import type { MoveSettings } from './moves.ts';

export const MAX_WORKERS_LIMIT = 1000;
export const PLOTS_TO_DO_LIMIT = 1_000_000;

/** The fields of a job that commands may set one by one (`B/job/<job>/set/<field>`). */
export const SETTABLE_FIELDS = ['enabled', 'emit_events', 'max_workers', 'plots_to_do'] as const;
export type SettableField = (typeof SETTABLE_FIELDS)[number];

/** The values that commands may set on a job (contract, section 5). */
export interface JobSettings {
  enabled?: boolean;
  emit_events?: boolean;
  max_workers?: number;
  plots_to_do?: number;
  paused?: boolean;
}

/** What each of them is where nobody says another (contract, section 2). */
export const SETTING_DEFAULTS = {
  enabled: true,
  emit_events: true,
  max_workers: 1,
  plots_to_do: 0,
} as const satisfies Required<Pick<JobSettings, SettableField>>;

/** In place of a value: what config.yaml says; of a job made over MQTT, its own default. */
export const DEFAULT = 'default';

/** Settings as a command wants them. */
export type SettingsWanted = Omit<JobSettings, SettableField> & {
  [Field in SettableField]?: JobSettings[Field] | typeof DEFAULT;
};

/** What can be done to a job (`B/job/<job>/do/<action>`). */
export type JobAction = 'start' | 'reset' | 'dismiss';

/** What can be asked for with an answer (`B/bridge/request/<name>`). */
export type RequestName =
  | 'job/create'
  | 'job/update'
  | 'job/delete'
  | 'job/get'
  | 'job/list'
  | 'history'
  | 'events'
  | 'why'
  | 'reload';

/** A command that has come in and whose form is right; whether it can be done is decided later. */
export type Command =
  | { type: 'set'; job: string; settings: SettingsWanted }
  | { type: 'start'; job: string; workers: number }
  | { type: 'reset'; job: string }
  | { type: 'dismiss_job'; job: string }
  | { type: 'dismiss_worker'; job: string; slot: number }
  | { type: 'pause_worker'; job: string; slot: number; paused: boolean }
  /** `job`: whose hold it is; `null`: the farm's. */
  | { type: 'set_hold'; job: string | null; name: string; wanted: HoldWanted }
  | { type: 'release_hold'; job: string | null; name: string }
  | { type: 'set_farm'; max_workers: number }
  | { type: 'stop_farm' }
  | { type: 'set_move'; move: string; settings: MoveSettings }
  /** `transaction`: what tells it from others, as short text. */
  | { type: 'fire'; name: string; transaction?: string }
  /** `fields`: a job as in config.yaml, not yet checked; a `null` means the default. */
  | { type: 'create_job'; job: string; fields: Record<string, unknown> }
  | { type: 'update_job'; job: string; fields: Record<string, unknown> }
  | { type: 'delete_job'; job: string; dismiss: boolean }
  | { type: 'get_job'; job: string }
  | { type: 'list_jobs' }
  | ({ type: 'history' } & HistoryQuery)
  | ({ type: 'events' } & EventsQuery)
  | { type: 'why'; job: string }
  | { type: 'reload' };

/** What a command comes to. `data` is what the contract says for it, `null` where it says nothing. */
export type Answer = { status: 'ok'; data: unknown } | { status: 'error'; error: CommandError };
