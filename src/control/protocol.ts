import * as z from 'zod';

/**
 * What is spoken on the daemon's socket: a line of JSON asks, a line of JSON answers, both with a `type`. A new kind of
 * request is a new type; fields are only ever added, so that programs of different versions understand each other.
 */

/** A longer request ends the connection; bytes. */
export const REQUEST_BYTES = 64 * 1024;
/** A longer answer isn't read; bytes. */
export const ANSWER_BYTES = 4 * 1024 * 1024;
/** The daemon must answer within this time (contract, section 1). */
export const ANSWER_MS = 5_000;

export const requestSchema = z.looseObject({ type: z.string().max(48) });
export type Request = z.infer<typeof requestSchema>;

/** `claim`: who has this socket. */
export const claimAnswerSchema = z.looseObject({
  type: z.literal('claim'),
  /** The random word of this daemon's claim on `data_dir`. */
  token: z.string(),
  /** As it counts in its own PID namespace. */
  pid: z.int(),
  host: z.string(),
  boot: z.string(),
  pid_namespace: z.string(),
  version: z.string(),
  /** Absolute names of what it runs, as it sees them. */
  config: z.string(),
  data_dir: z.string(),
  /** Null while the state isn't loaded yet. */
  instance: z.string().nullable(),
});
export type ClaimAnswer = z.infer<typeof claimAnswerSchema>;

/** `health`: whether it works. */
export const healthAnswerSchema = z.looseObject({
  type: z.literal('health'),
  /** `waiting`: for its `data_dir`; `starting`: it finds its workers again; `running`: it works. */
  state: z.enum(['waiting', 'starting', 'running']),
  /** What it waits for, or why it publishes nothing although it works, in a sentence; empty where neither is so. */
  text: z.string(),
  pid: z.int(),
  config: z.string(),
});
export type HealthAnswer = z.infer<typeof healthAnswerSchema>;

/** A setting of a job that commands have made another than config.yaml says. */
const settingSchema = z.object({
  job: z.string(),
  setting: z.string(),
  value: z.union([z.boolean(), z.number()]),
  file: z.union([z.boolean(), z.number()]),
});

/** `why`, with `job` or without: what the next workers wait for; the gates only of a job that was named. */
export const whyAnswerSchema = z.looseObject({
  type: z.literal('why'),
  jobs: z.array(
    z.object({
      id: z.string(),
      /** Starts that are held back. */
      pending: z.int(),
      waiting_for: z.string(),
      waiting_text: z.string(),
      next_start_at: z.string().nullable(),
      gates: z.array(z.object({ gate: z.string(), open: z.boolean(), text: z.string() })),
      /** As in `status`. */
      unlike_file: z.array(settingSchema).optional(),
    }),
  ),
});
export type WhyAnswer = z.infer<typeof whyAnswerSchema>;

/** The answer to what can't be answered. */
export const errorAnswerSchema = z.looseObject({
  type: z.literal('error'),
  code: z.enum(['invalid_payload', 'unknown_command', 'unknown_job', 'limit_reached', 'internal']),
  message: z.string(),
});
export type ErrorAnswer = z.infer<typeof errorAnswerSchema>;

/**
 * `command`, with `topic` (what follows `B/`) and `payload` (text) as over MQTT: what the command came to (contract,
 * section 5).
 */
export const commandAnswerSchema = z.discriminatedUnion('status', [
  z.looseObject({ type: z.literal('command'), status: z.literal('ok'), data: z.unknown() }),
  z.looseObject({
    type: z.literal('command'),
    status: z.literal('error'),
    error: z.looseObject({ code: z.string(), message: z.string(), path: z.string().nullable() }),
  }),
]);

const objectSchema = z.record(z.string(), z.unknown());

/** `status`, with `job` or without: what runs, each object as its topic has it; `farm`, `host`: null where unknown. */
export const statusAnswerSchema = z.looseObject({
  type: z.literal('status'),
  farm: objectSchema.nullable(),
  host: objectSchema.nullable(),
  jobs: z.array(objectSchema),
  /** With `job` and `slot`; slots that are free aren't among them. */
  workers: z.array(objectSchema),
  moves: z.array(objectSchema),
  /** Settings of jobs that are not what config.yaml says. */
  unlike_file: z.array(settingSchema).optional(),
});
export type StatusAnswer = z.infer<typeof statusAnswerSchema>;

/**
 * `events`, with `job` and `since` (ISO 8601, UTC) or without: an answer without an event at once, then one for each
 * event, first those since then, until the connection is closed.
 */
export const eventsAnswerSchema = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('events') }),
  z.looseObject({ type: z.literal('event'), event: objectSchema }),
]);
