import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { type PlotterDefinition, plotterDefinitionSchema } from '../../config/schema/plotter.ts';

/**
 * Every definition of this folder, by plotter id: the file's name without `.yaml`. The bundle has this module replaced
 * by its result (scripts/plotter-definitions.mjs), so that it reads and checks nothing at each start.
 */
export const definitions: Readonly<Record<string, PlotterDefinition>> = Object.fromEntries(
  readdirSync(import.meta.dirname)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => file.slice(0, -'.yaml'.length))
    .sort()
    .map((id) => [
      id,
      plotterDefinitionSchema.parse(parse(readFileSync(`${import.meta.dirname}/${id}.yaml`, 'utf8'))),
    ]),
);
