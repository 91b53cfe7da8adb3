import * as z from 'zod';
import { argumentsSchema, idSchema } from '../../contract/names.ts';
import { disksSchema, limitsStarts } from './disks.ts';
import { energySchema } from './energy.ts';
import { holdEntriesSchema, timeZoneSchema } from './hold.ts';
import { jobSchema, keepRunningProblem } from './job.ts';
import { holdsFor, jobsLimitSchema } from './limits.ts';
import { movesSchema } from './move.ts';
import { mqttSchema, topicSetting } from './mqtt.ts';
import {
  definitionSchemaOf,
  type PlotterDefinition,
  plotterDefinitionSchema,
  plotterSettingsSchema,
} from './plotter.ts';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;

const homeassistantSchema = z.strictObject({
  discovery: z
    .boolean()
    .default(true)
    .meta({ description: 'Whether Home Assistant finds devices by itself.' }),
  discovery_prefix: topicSetting("Home Assistant's discovery prefix.").default('homeassistant'),
  status_topic: topicSetting("Home Assistant's birth and last will.").default('homeassistant/status'),
});

const securitySchema = z.strictObject({
  allow_replot_over_mqtt: z
    .boolean()
    .default(false)
    .meta({ description: 'Whether jobs that arrive over MQTT may remove old plots (replot).' }),
  allow_commands_over_mqtt: z
    .boolean()
    .default(false)
    .meta({ description: 'Whether commands and extra arguments may arrive over MQTT.' }),
  allowed_dirs: z.array(z.string().min(1)).default([]).meta({
    description:
      'Directories inside which those that arrive over MQTT must lie, links resolved, at each start anew; empty: those of this file.',
  }),
});

/** What config.yaml says of a plotter: defaults for one that is built in, or one of the user's own. */
export type PlotterEntry =
  | { kind: 'settings'; command?: string | undefined; arguments: z.infer<typeof argumentsSchema> }
  | { kind: 'definition'; definition: PlotterDefinition };

const settingsEntrySchema: z.ZodType<PlotterEntry> = plotterSettingsSchema.transform((settings) => ({
  kind: 'settings',
  ...settings,
}));
function definitionEntrySchema(written: unknown): z.ZodType<PlotterEntry> {
  return definitionSchemaOf(written).transform((definition) => ({ kind: 'definition', definition }));
}

/** An entry that says what the plotter does, not only how it is called, defines one. */
export function isDefinition(entry: unknown): boolean {
  return typeof entry === 'object' && entry !== null && ('stages' in entry || 'patterns' in entry);
}

const PLOTTERS = "Per plotter its defaults; an entry with stages and patterns is a plotter of one's own.";

const sections = {
  mqtt: mqttSchema.prefault({}).meta({ description: 'How to reach the broker, or to be it.' }),
  homeassistant: homeassistantSchema.prefault({}).meta({ description: 'Home Assistant.' }),
  data_dir: z.string().min(1).default('data').meta({
    description:
      'State, logs and live workers; relative to config.yaml. Default: $STATE_DIRECTORY, else data.',
  }),
  log_level: z.enum(LOG_LEVELS).default('info').meta({ description: 'The least level that is logged.' }),
  defaults: argumentsSchema
    .default({})
    .meta({ description: "General plotting defaults, by argument's name." }),
  jobs: z.record(idSchema, jobSchema).default({}).meta({ description: 'The jobs, by id.' }),
  disks: disksSchema.default([]).meta({
    description: 'Rules for directories; all entries that match one hold for it, the stricter value first.',
  }),
  moves: movesSchema.default({}).meta({
    description: 'Which finished plots go from which directories into which, by id.',
  }),
  holds: holdEntriesSchema.default({}).meta({
    description: "Of the farm's holds, by name: what they mean, and when they stand by themselves.",
  }),
  energy: energySchema
    .default({})
    .meta({ description: 'The power that this host draws, and its price: what plots take and cost.' }),
  time_zone: timeZoneSchema.optional().meta({
    description: "Such as Europe/Berlin, for the hours and days of holds; default: the system's.",
  }),
  limits: z
    .record(idSchema, jobsLimitSchema)
    .default({})
    .meta({ description: 'Limits over the workers of several jobs together, by name.' }),
  security: securitySchema.prefault({}).meta({ description: 'What may be done over MQTT.' }),
};

/**
 * The schema of config.yaml. Which of the two shapes each entry of `plotters` has is decided by what is
 * written there, so that its errors speak of that shape alone.
 */
export function configSchema(plotters: Readonly<Record<string, unknown>>) {
  const entries = Object.entries(plotters).map(([id, entry]) => [
    id,
    isDefinition(entry) ? definitionEntrySchema(entry) : settingsEntrySchema,
  ]);
  const shape: Record<string, z.ZodType<PlotterEntry>> = Object.fromEntries(entries);
  return z
    .strictObject({ ...sections, plotters: z.strictObject(shape).prefault({}) })
    .superRefine(({ jobs, limits, disks }, check) => {
      // Whose directories an entry of disks is about is known only with the plotters' arguments: see `isLimited`.
      const may = disks.some(limitsStarts);
      for (const [id, job] of Object.entries(jobs)) {
        const limited = may || Object.values(limits).some((limit) => holdsFor(limit, id));
        const message = keepRunningProblem(job, limited);
        if (message !== null) check.addIssue({ code: 'custom', path: ['jobs', id, 'keep_running'], message });
      }
    });
}
export type Config = z.infer<ReturnType<typeof configSchema>>;

const writtenSchema = z.strictObject({
  ...sections,
  plotters: z
    .record(idSchema, z.union([plotterSettingsSchema, plotterDefinitionSchema]))
    .default({})
    .meta({ description: PLOTTERS }),
});

/** The JSON Schema of config.yaml, for editors: what may be written, not what it is read as. */
export function configJsonSchema(): object {
  const schema = z.toJSONSchema(writtenSchema, { io: 'input', target: 'draft-7' });
  return { title: 'config.yaml of plot2mqtt', ...schema };
}
