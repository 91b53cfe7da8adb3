import * as z from 'zod';
import { argumentsSchema, durationSchema, idSchema } from './names.ts';

/** Moments of a worker's life that a named event may be bound to (contract, section 3). */
export const BINDABLE_MOMENTS = [
  'worker_started',
  'pre_process_started',
  'pre_process_finished',
  'plotter_started',
  'stage_started',
  'stage_finished',
  'progress',
  'plotter_finished',
  'post_process_started',
  'post_process_finished',
  'worker_failed',
  'worker_end',
  'job_end',
] as const;
export type BindableMoment = (typeof BINDABLE_MOMENTS)[number];

/** The name that the daemon itself fires when it has come up. */
export const STARTUP_EVENT = '@startup';

const stageIdSchema = z
  .union([z.string(), z.number().transform(String)])
  .pipe(z.string().regex(/^\d+(\.\d+)?$/, 'a stage such as "2" or "1.3"'));

const boundEventSchema = z
  .strictObject({
    fire: idSchema,
    on: z.enum(BINDABLE_MOMENTS),
    stage: stageIdSchema.optional(),
    percent: z.number().int().min(1).max(100).optional(),
    delay: durationSchema.optional(),
  })
  .superRefine((bound, check) => {
    const wantsStage = bound.on === 'stage_started' || bound.on === 'stage_finished';
    if (wantsStage !== (bound.stage !== undefined))
      check.addIssue({
        code: 'custom',
        path: ['stage'],
        message: wantsStage
          ? `"on: ${bound.on}" needs a stage`
          : `"stage" does not go with "on: ${bound.on}"`,
      });
    if ((bound.on === 'progress') !== (bound.percent !== undefined))
      check.addIssue({
        code: 'custom',
        path: ['percent'],
        message:
          bound.on === 'progress'
            ? '"on: progress" needs a percent'
            : `"percent" does not go with "on: ${bound.on}"`,
      });
  });
export type BoundEvent = z.infer<typeof boundEventSchema>;

const startSchema = z.strictObject({
  on: z.union([z.literal(STARTUP_EVENT), idSchema]),
  workers: z.number().int().min(1).max(1000).default(1),
});

const cpuSchema = z.union([
  z.number().int().min(0),
  z.string().regex(/^\d+(-\d+)?$/, 'a CPU number such as 4, or a range such as "4-7"'),
]);

export const MAX_WORKERS_LIMIT = 1000;
export const PLOTS_TO_DO_LIMIT = 1_000_000;

/** The settings of a job that can also be set over MQTT while it lives. */
export const jobSettings = {
  enabled: z.boolean().default(true),
  emit_events: z.boolean().default(true),
  max_workers: z.number().int().min(0).max(MAX_WORKERS_LIMIT).default(1),
  plots_to_do: z.number().int().min(0).max(PLOTS_TO_DO_LIMIT).default(0),
};

/**
 * A job as config.yaml and `job/create` write it. Parsing fills in the defaults and turns durations into
 * seconds; what comes out parses again to the same.
 */
export const jobSchema = z.strictObject({
  title: z.string().min(1).max(100).optional(),
  plotter: idSchema,
  command: z.string().min(1).optional(),
  arguments: argumentsSchema.default({}),
  ...jobSettings,
  cpus: z.array(cpuSchema).min(1).optional(),
  nice: z.number().int().min(-20).max(19).optional(),
  pre_command: z.string().min(1).optional(),
  post_command: z.string().min(1).optional(),
  replot: z.strictObject({ before: z.iso.datetime({ offset: true }) }).optional(),
  save_logs: z.union([z.boolean(), z.number().int().min(0)]).default(false),
  max_failures: z.number().int().min(0).default(3),
  stop_grace: durationSchema.default(10),
  check_space: z.boolean().default(true),
  events: z.array(boundEventSchema).default([]),
  starts: z.array(startSchema).default([]),
});
export type JobDefinition = z.infer<typeof jobSchema>;

/** The fields of a job that commands may set one by one (`B/job/<job>/set/<field>`). */
export const SETTABLE_FIELDS = ['enabled', 'emit_events', 'max_workers', 'plots_to_do'] as const;
export type SettableField = (typeof SETTABLE_FIELDS)[number];
