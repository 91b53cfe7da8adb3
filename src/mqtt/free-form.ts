import type { FreeForm } from '../config/mask-json.ts';
import type { BoundEvent, JobDefinition } from '../config/schema/job.ts';
import type { CommandError } from '../contract/error-codes.ts';
import { BLOCKED_REASONS, type EngineEvent, UNBLOCKED_REASONS } from '../contract/events.ts';
import type { GateView } from '../contract/gates.ts';
import type { HostFigures } from '../contract/host-figures.ts';
import type { BridgeInfo, JobView, WorkerView } from '../contract/views.ts';

type KeysOf<Type> = Type extends unknown ? keyof Type & string : never;
type OurKeys =
  | KeysOf<EngineEvent>
  | keyof JobView
  | keyof WorkerView
  | keyof BridgeInfo
  | keyof BridgeInfo['plotters'][number]
  | keyof HostFigures['disks'][number]
  | keyof JobDefinition
  | keyof BoundEvent
  | keyof NonNullable<JobDefinition['replot']>
  | keyof CommandError
  | keyof GateView
  | 'status';

/**
 * The keys of our messages, and of the objects inside them, whose values are ids, named events, topics, times, numbers or
 * fixed words: nothing is ever masked there. What stands under any other key is text of free form.
 */
const FIXED_KEYS: ReadonlySet<string> = new Set([
  ...['id', 'instance', 'version', 'base_topic', 'plotter', 'job', 'worker', 'plot_id'],
  ...['name', 'fire', 'on', 'source'],
  ...['type', 'event_type', 'state', 'status', 'blocked_reason', 'result', 'code', 'role', 'stage', 'cpus'],
  ...['waiting_for', 'gate'],
  ...['at', 'eta', 'started_at', 'last_plot_at', 'next_start_at', 'before'],
  // Numbers and booleans, which are text on plain topics.
  ...[
    'enabled',
    'emit_events',
    'paused',
    'waits',
    'open',
    'keep_running',
    'max_workers',
    'plots_to_do',
    'plots_done',
    'plots_remaining',
  ],
  ...['workers', 'pending', 'progress', 'failures', 'last_plot_duration_s', 'average_plot_duration_s'],
] as const satisfies readonly OurKeys[]);

/** What a job is blocked by, or no more: fixed words. The reasons that people give are texts. */
const REASONS: ReadonlySet<string | number> = new Set([...BLOCKED_REASONS, ...UNBLOCKED_REASONS]);

/** What of our own messages is text of free form: states, events, answers, and values alone under their key. */
export const isFreeForm: FreeForm = (keys, value) => {
  const [first, second] = keys;
  // The sender's own mark, by which it knows its answer.
  if (first === 'transaction') return false;
  // Whatever a plotter's arguments are called; a number may be a secret here too.
  if (keys.includes('arguments')) return true;
  if (typeof value === 'number') return false;
  if (first === 'error' && second === 'path') return false;
  const key = keys.at(-1) ?? '';
  if (key === 'reason') return !REASONS.has(value);
  return !FIXED_KEYS.has(key);
};
