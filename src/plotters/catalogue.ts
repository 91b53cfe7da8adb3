import { type PlotterDefinition, plotterDefinitionSchema } from '../config/schema/plotter.ts';
import { definitions } from './definitions/index.ts';

let parsed: ReadonlyMap<string, PlotterDefinition> | undefined;

/** The plotters of src/plotters/definitions, by id; parsed at the first call, and not to be changed. */
export function builtInPlotters(): ReadonlyMap<string, PlotterDefinition> {
  parsed ??= new Map(
    Object.entries(definitions).map(([id, written]) => [id, freeze(plotterDefinitionSchema.parse(written))]),
  );
  return parsed;
}

function freeze<Value extends object>(value: Value): Value {
  for (const part of Object.values(value)) if (typeof part === 'object' && part !== null) freeze(part);
  return Object.freeze(value);
}
