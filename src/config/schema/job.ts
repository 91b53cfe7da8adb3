import * as z from 'zod';
import { CHOICES } from '../../contract/choices.ts';
import { MAX_WORKERS_LIMIT, PLOTS_TO_DO_LIMIT, SETTING_DEFAULTS } from '../../contract/commands.ts';
import { BINDABLE_MOMENTS } from '../../contract/events.ts';
import { argumentsSchema, durationSchema, idSchema } from '../../contract/names.ts';
import { topicSetting } from './mqtt.ts';
import { replotSchema } from './replot.ts';

/** Adds what editors and the documentation say of a key. */
const say = <Schema extends z.ZodType>(schema: Schema, description: string) => schema.meta({ description });

/** The name that the daemon itself fires when it has come up. */
export const STARTUP_EVENT = '@startup';

const stageIdSchema = z
  .union([z.string(), z.number().transform(String)])
  .pipe(z.string().regex(/^\d+(\.\d+)?$/, 'a stage such as "2" or "1.3"'));

const boundEventSchema = z
  .strictObject({
    fire: say(idSchema, 'The named event.'),
    at: topicSetting('The base topic of another daemon, at which it fires; default: here.').optional(),
    on: say(z.enum(BINDABLE_MOMENTS), "The moment of a worker's life at which it fires."),
    stage: say(stageIdSchema.optional(), 'With stage_started and stage_finished: a phase or step.'),
    percent: say(z.number().int().min(1).max(100).optional(), 'With progress.'),
    delay: say(durationSchema.optional(), 'How long after that moment.'),
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
  on: say(
    z.union([z.literal(STARTUP_EVENT), idSchema]),
    'A named event, or @startup: the daemon has come up and this job has no worker.',
  ),
  workers: say(
    z.number().int().min(1).max(1000).default(1),
    'How many workers it starts, within the limits.',
  ),
});

const cpuSchema = z.union([
  z.number().int().min(0),
  z.string().regex(/^\d+(-\d+)?$/, 'a CPU number such as 4, or a range such as "4-7"'),
]);

/** What may be done about a stalled worker. */
const STALL_ANSWERS = ['report', 'dismiss'] as const;

/** Plots of one process at most. */
const MAX_PLOTS_PER_RUN = 65_536;

/** The settings of a job that can also be set over MQTT while it lives. */
const jobSettings = {
  enabled: say(z.boolean().default(SETTING_DEFAULTS.enabled), 'false: workers start by hand only.'),
  emit_events: say(
    z.boolean().default(SETTING_DEFAULTS.emit_events),
    'false: this job fires no named events.',
  ),
  max_workers: say(
    z.number().int().min(0).max(MAX_WORKERS_LIMIT).default(SETTING_DEFAULTS.max_workers),
    'Workers at the same time; 0: no limit.',
  ),
  plots_to_do: say(
    z.number().int().min(0).max(PLOTS_TO_DO_LIMIT).default(SETTING_DEFAULTS.plots_to_do),
    'Plots to make in all; 0: no limit.',
  ),
};

/**
 * Why a job can't keep running: without any limit it would start workers without end. `null`: it can, or isn't to.
 * `limited`: an entry of `limits` or `disks` holds for it.
 */
export function keepRunningProblem(
  { keep_running, max_workers }: { keep_running: boolean; max_workers: number },
  limited: boolean,
): string | null {
  if (!keep_running || max_workers > 0 || limited) return null;
  return 'needs an entry of limits or disks that holds for the job while max_workers is 0, which is no limit';
}

/**
 * A job as config.yaml and `job/create` write it. Parsing fills in the defaults and turns durations into
 * seconds; what comes out parses again to the same.
 */
const jobFields = z.strictObject({
  title: say(z.string().min(1).max(100).optional(), 'How it is shown; default: the id.'),
  plotter: say(idSchema, 'The id of a plotter: one that is built in (docs/plotters.md), or one of your own.'),
  command: say(z.string().min(1).optional(), "Shell snippet in place of the plotter's own."),
  arguments: say(argumentsSchema.default({}), "The plotter's arguments, by name."),
  ...jobSettings,
  cpus: say(
    z.array(cpuSchema).min(1).optional(),
    'CPUs on which the plotter may run: numbers and ranges ("4-7").',
  ),
  nice: say(z.number().int().min(-20).max(19).optional(), 'Niceness of the plotter.'),
  pre_command: say(
    z.string().min(1).optional(),
    'Shell command before the plotter; if it fails, so does the worker.',
  ),
  post_command: say(z.string().min(1).optional(), 'Shell command after a plot; %plot% is its file.'),
  replot: say(replotSchema.optional(), 'Removes old plots to make room for new ones.'),
  save_logs: say(
    z.union([z.boolean(), z.number().int().min(0)]).default(false),
    'Keep the logs of the next so many workers; true: of all.',
  ),
  max_failures: say(
    z.number().int().min(0).default(3),
    'Consecutive failures after which the job is blocked; 0: never.',
  ),
  stop_grace: say(
    durationSchema.optional(),
    "Between SIGTERM and SIGKILL; default: as the plotter's definition says, mostly 10s.",
  ),
  check_space: say(z.boolean().default(true), 'false: workers start without a look at the free space.'),
  choose: say(
    z.enum(CHOICES).default('spread'),
    'Which of several directories a worker gets: on the file system with the fewest workers and moves, or the first.',
  ),
  keep_running: say(
    z.boolean().default(false),
    'true: a worker starts whenever one more may, without a named event.',
  ),
  plots_per_run: say(
    z.number().int().min(1).max(MAX_PLOTS_PER_RUN).default(1),
    'Plots that one process of the plotter makes, one after the other, where it can make several.',
  ),
  stall_timeout: say(
    z.union([z.literal('auto'), durationSchema]).default('auto'),
    'A worker is stalled whose log and files have not grown for so long; auto (the default): by what was seen here before; 0: never.',
  ),
  on_stall: say(
    z.enum(STALL_ANSWERS).default('report'),
    'What becomes of a stalled worker: it is reported, or dismiss: stopped, which is a failure.',
  ),
  events: say(z.array(boundEventSchema).default([]), "Names for moments of this job's workers."),
  starts: say(z.array(startSchema).default([]), 'Named events on which this job starts workers.'),
});
export const jobSchema = jobFields.superRefine((job, check) => {
  if (job.replot?.as_needed === true && !job.check_space)
    check.addIssue({
      code: 'custom',
      path: ['replot', 'as_needed'],
      message: 'needs check_space: nobody looks at the room while that is false',
    });
});
export type JobDefinition = z.infer<typeof jobSchema>;

/** The fields of a job that are shell snippets: the shell replaces variables there, and MQTT may not bring them. */
export const COMMAND_FIELDS = [
  'command',
  'pre_command',
  'post_command',
] as const satisfies readonly (keyof JobDefinition)[];
