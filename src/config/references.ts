import { idSchema } from '../contract/names.ts';
import { isObject } from '../util/objects.ts';
import type { Finding } from './problems.ts';
import { isDefinition } from './schema/config.ts';
import { didYouMean } from './suggestions.ts';

type Section = Readonly<Record<string, unknown>>;

/** What the user's own plotter must say beside its settings. */
const NEEDED = 'title, command, arguments, stages, patterns';

/** A section of the written configuration, empty where it is none. */
export function sectionOf(config: unknown, name: string): Section {
  const section = isObject(config) ? config[name] : undefined;
  return isObject(section) ? section : {};
}

/**
 * Looks at what a schema can't see: whether the plotters that are named exist. Works on the configuration as
 * it is written, so that other mistakes don't hide these.
 */
export function checkReferences(config: unknown, builtIn: readonly string[]): Finding[] {
  const plotters = sectionOf(config, 'plotters');
  return [...checkPlotters(plotters, builtIn), ...checkJobs(sectionOf(config, 'jobs'), plotters, builtIn)];
}

function checkPlotters(plotters: Section, builtIn: readonly string[]): Finding[] {
  return Object.entries(plotters).flatMap(([id, entry]): Finding[] => {
    const finding = (message: string): Finding => ({ path: ['plotters', id], at: 'key', message });
    const valid = idSchema.safeParse(id);
    if (!valid.success) {
      const rules = valid.error.issues.map((issue) => issue.message).join('; ');
      return [finding(`'${id}' can't be a name here: ${rules}`)];
    }
    if (builtIn.includes(id) || isDefinition(entry)) return [];
    const known = `known are ${builtIn.join(', ')}${didYouMean(id, builtIn)}`;
    return [finding(`unknown plotter '${id}'; ${known}; a plotter of your own needs ${NEEDED}`)];
  });
}

function checkJobs(jobs: Section, plotters: Section, builtIn: readonly string[]): Finding[] {
  const defined = Object.keys(plotters).filter((id) => isDefinition(plotters[id]));
  const known = [...new Set([...builtIn, ...defined])];
  return Object.entries(jobs).flatMap(([id, job]): Finding[] => {
    const plotter = isObject(job) ? job.plotter : undefined;
    if (typeof plotter !== 'string' || known.includes(plotter)) return [];
    const message = `job '${id}' asks for an unknown plotter; known are ${known.join(', ')}${didYouMean(plotter, known)}`;
    return [{ path: ['jobs', id, 'plotter'], at: 'value', message }];
  });
}
