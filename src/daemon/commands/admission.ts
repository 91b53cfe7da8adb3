import { validate } from '../../config/messages.ts';
import { resolvePath } from '../../config/paths.ts';
import { COMMAND_FIELDS, type JobDefinition, jobSchema } from '../../config/schema/job.ts';
import type { PlotterDefinition } from '../../config/schema/plotter.ts';
import { targetProblem } from '../../config/targets.ts';
import type { CommandError, CommandErrorCode } from '../../contract/error-codes.ts';
import type { ArgumentValues } from '../../contract/names.ts';
import type { Settings } from '../../engine/memory.ts';
import { withAbsoluteDirectories } from '../../engine/moving/replot-rule.ts';
import { endlessProblem } from '../../engine/starting/limits/jobs-limit.ts';
import { resolveJob } from '../../engine/starting/places/resolve.ts';
import { isRemote } from '../../plotters/remote.ts';
import { cpusProblem } from '../../process/cpus.ts';
import { writtenIn } from '../configuration/settings.ts';
import { beforeWildcard, replotDirectories } from '../effects/replot-directories.ts';
import {
  type Allowance,
  firstOutside,
  firstWrittenOutside,
  isNamed,
  outsideMessage,
} from './allowed-directories.ts';
import { maskedValue } from './masked-values.ts';

/** Problems of arguments that are no matter of the definition: they may be found later, elsewhere. */
const MAY_COME_LATER = new Set(['missing_argument']);

export interface AdmissionContext extends Allowance {
  settings: Settings;
  /** This daemon's own. */
  baseTopic: string;
}

export type Admitted = { ok: true; definition: JobDefinition } | { ok: false; error: CommandError };

function refused(code: CommandErrorCode, message: string, path: string | null = null): Admitted {
  return { ok: false, error: { code, message, path } };
}

function refusedOverMqtt(path: string, unless = 'allow_commands_over_mqtt'): Admitted {
  const message = `${path} may not arrive over MQTT, unless config.yaml has security.${unless}: true`;
  return refused('not_allowed', message, path);
}

/**
 * Checks a job that arrives over MQTT, whole or as changes of one that is there: its shape, its arguments, and
 * that it stays inside what the operator allowed (contract, section 2, "security").
 */
export async function admitJob(
  id: string,
  fields: Record<string, unknown>,
  base: JobDefinition | null,
  context: AdmissionContext,
): Promise<Admitted> {
  const masked = maskedValue(fields);
  if (masked !== null)
    return refused(
      'invalid_config',
      '*** is what answers show in place of a secret: send the value itself, or leave the field as it is',
      masked.join('.'),
    );
  const command = commandsOverMqtt(fields, context);
  if (command !== null) return refusedOverMqtt(command);
  const replots = fields.replot !== undefined && fields.replot !== null;
  if (replots && !context.security.allow_replot_over_mqtt)
    return refusedOverMqtt('replot', 'allow_replot_over_mqtt');
  // A field that is `null` takes its default: it is left out.
  const merged = Object.entries({ ...base, ...fields }).filter(([, value]) => value !== null);
  const parsed = validate(jobSchema, Object.fromEntries(merged));
  if (!parsed.ok) {
    const [first] = parsed.findings;
    return refused('invalid_config', first?.message ?? 'not a job', first?.path.join('.') ?? null);
  }
  return checkMeaning(id, parsed.value, fields, context);
}

function commandsOverMqtt(fields: Record<string, unknown>, { security }: AdmissionContext): string | null {
  if (security.allow_commands_over_mqtt) return null;
  return COMMAND_FIELDS.find((field) => fields[field] !== undefined && fields[field] !== null) ?? null;
}

async function checkMeaning(
  id: string,
  definition: JobDefinition,
  fields: Record<string, unknown>,
  context: AdmissionContext,
): Promise<Admitted> {
  const endless = endlessProblem(context.settings, { id, definition });
  if (endless !== null) return refused('invalid_config', endless, 'keep_running');
  const resolved = resolveJob(id, definition, context.settings);
  if (!resolved.ok) {
    const problem = resolved.problems.find(({ code }) => !MAY_COME_LATER.has(code));
    if (problem) return refused('invalid_config', problem.message, problem.field ?? pathOf(problem.argument));
  }
  const cpus = cpusProblem(definition.cpus);
  if (cpus !== null) return refused('invalid_config', cpus, 'cpus');
  for (const [index, { at }] of definition.events.entries()) {
    const problem = at === undefined ? undefined : targetProblem(at, context.baseTopic);
    if (problem !== undefined) return refused('invalid_config', problem, `events.${index}.at`);
  }
  const plotter = context.settings.plotters.get(definition.plotter)?.definition;
  // Another plotter may take for a directory what this one took for a word.
  if ((fields.arguments !== undefined || fields.plotter !== undefined) && plotter) {
    const words = wordsArgument(definition.arguments, plotter, context);
    if (words !== null) return refusedOverMqtt(words);
    const outside = await outsideAllowed(definition.arguments, plotter, context);
    if (outside !== null)
      return refused('not_allowed', outsideMessage(outside.path), pathOf(outside.argument));
  }
  const outside = fields.replot === undefined ? null : await outsideOfRule(definition, context);
  if (outside !== null) return refused('not_allowed', outsideMessage(outside), 'replot.dirs');
  return { ok: true, definition };
}

/** Patterns count as what they match now; at each removal it is asked again. */
async function outsideOfRule({ replot }: JobDefinition, context: AdmissionContext): Promise<string | null> {
  if (replot?.dirs === undefined) return null;
  const { dirs } = withAbsoluteDirectories(replot, context.settings.directory);
  for (const dir of dirs ?? []) {
    const matches = await replotDirectories({ dirs: [dir] }, dir);
    const outside = await firstOutside(context, matches.length > 0 ? matches : [beforeWildcard(dir)]);
    if (outside !== null) return outside;
  }
  return null;
}

function pathOf(argument: string | null): string {
  return argument === null ? 'plotter' : `arguments.${argument}`;
}

/** Words that are passed on as they are could be any option of the plotter, whatever their argument is called. */
function wordsArgument(values: ArgumentValues, plotter: PlotterDefinition, { security }: AdmissionContext) {
  if (security.allow_commands_over_mqtt) return null;
  const name = Object.keys(values).find((each) => plotter.arguments[each]?.type === 'words');
  return name === undefined ? null : `arguments.${name}`;
}

async function outsideAllowed(
  values: ArgumentValues,
  plotter: PlotterDefinition,
  context: AdmissionContext,
): Promise<{ argument: string; path: string } | null> {
  for (const [argument, value] of Object.entries(values)) {
    const definition = plotter.arguments[argument];
    if (definition?.type !== 'directory') continue;
    const all = writtenIn(value);
    // Where plots go that leave this machine is the operator's choice alone.
    const elsewhere = all.find((each) => isRemote(definition, each) && !isNamed(context, each));
    if (elsewhere !== undefined) return { argument, path: elsewhere };
    const local = all.filter((each) => !isRemote(definition, each));
    const written = local.map((each) => resolvePath(context.settings.directory, each));
    const path = await firstWrittenOutside(context, written);
    if (path !== null) return { argument, path };
  }
  return null;
}
