import type * as z from 'zod';
import type { Change } from './changes.ts';
import { historyLineSchema } from './history-line.ts';
import { jobStateSchema } from './job-state.ts';
import { leftJobSchema } from './left-job.ts';
import { metaSchema } from './meta.ts';
import { moveStateSchema } from './move-state.ts';
import { keyParser } from './parse-keys.ts';
import { paceSchema } from './pace.ts';
import { count } from './parts.ts';
import { producedSchema } from './produced.ts';
import { remoteFireSchema } from './remote-fire.ts';
import { runSchema } from './run-state.ts';
import { startedInSchema } from './started-in.ts';
import { storedPlotterSchema } from './stored-definitions.ts';
import { timerSchema } from './timer-state.ts';
import { madeSchema, transferSchema } from './transfer-state.ts';
import { workerSchema } from './worker-state.ts';
import { writtenSchema } from './written.ts';

const jobKeys = keyParser(jobStateSchema.shape);
const runKeys = keyParser(runSchema.shape);
const workerKeys = keyParser(workerSchema.shape);
const moveKeys = keyParser(moveStateSchema.shape);
const transferKeys = keyParser(transferSchema.shape);
const metaKeys = keyParser(metaSchema.shape);

/** A change as it is read from a journal; `null` where it is none. */
export function parseChange(value: unknown): Change | null {
  if (!Array.isArray(value)) return null;
  const [kind, id, content]: unknown[] = value;
  if (kind === 'meta') return keysOf(metaKeys(id), (meta) => ['meta', meta]);
  if (typeof id !== 'string') return null;
  switch (kind) {
    case 'job':
      return of(jobStateSchema.nullable(), content, (job) => ['job', id, job]);
    case 'job_keys':
      return keysOf(jobKeys(content), (keys) => ['job_keys', id, keys]);
    case 'run':
      return of(runSchema.nullable(), content, (run) => ['run', id, run]);
    case 'run_keys':
      return keysOf(runKeys(content), (keys) => ['run_keys', id, keys]);
    case 'worker':
      return of(workerSchema.nullable(), content, (worker) => ['worker', id, worker]);
    case 'worker_keys':
      return keysOf(workerKeys(content), (keys) => ['worker_keys', id, keys]);
    case 'timer':
      return of(timerSchema.nullable(), content, (timer) => ['timer', id, timer]);
    case 'definition':
      return of(storedPlotterSchema.nullable(), content, (definition) => ['definition', id, definition]);
    case 'pace':
      return of(paceSchema.nullable(), content, (pace) => ['pace', id, pace]);
    case 'produced':
      return of(producedSchema.nullable(), content, (produced) => ['produced', id, produced]);
    case 'started_in':
      return of(startedInSchema.nullable(), content, (start) => ['started_in', id, start]);
    case 'left':
      return of(leftJobSchema.nullable(), content, (job) => ['left', id, job]);
    case 'written':
      return of(writtenSchema.nullable(), content, (written) => ['written', id, written]);
    case 'history':
      return of(historyLineSchema.nullable(), content, (line) => ['history', id, line]);
    case 'remote_fire':
      return of(remoteFireSchema.nullable(), content, (fire) => ['remote_fire', id, fire]);
    case 'fire_transaction':
      return of(count.nullable(), content, (seq) => ['fire_transaction', id, seq]);
    case 'move':
      return of(moveStateSchema.nullable(), content, (move) => ['move', id, move]);
    case 'move_keys':
      return keysOf(moveKeys(content), (keys) => ['move_keys', id, keys]);
    case 'transfer':
      return of(transferSchema.nullable(), content, (transfer) => ['transfer', id, transfer]);
    case 'transfer_keys':
      return keysOf(transferKeys(content), (keys) => ['transfer_keys', id, keys]);
    case 'made':
      return of(madeSchema.nullable(), content, (made) => ['made', id, made]);
    default:
      return null;
  }
}

function of<Value>(
  schema: z.ZodType<Value>,
  content: unknown,
  change: (value: Value) => Change,
): Change | null {
  const parsed = schema.safeParse(content);
  return parsed.success ? change(parsed.data) : null;
}

function keysOf<Keys>(keys: Keys | null, change: (keys: Keys) => Change): Change | null {
  return keys && change(keys);
}
