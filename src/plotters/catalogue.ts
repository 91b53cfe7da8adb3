import type { PlotterDefinition } from '../config/schema/plotter.ts';
import { definitions } from './definitions/index.ts';

let frozen: ReadonlyMap<string, PlotterDefinition> | undefined;

/** The plotters of src/plotters/definitions, by id; not to be changed. */
export function builtInPlotters(): ReadonlyMap<string, PlotterDefinition> {
  frozen ??= new Map(Object.entries(definitions).map(([id, definition]) => [id, freeze(definition)]));
  return frozen;
}

function freeze<Value extends object>(value: Value): Value {
  for (const part of Object.values(value)) if (typeof part === 'object' && part !== null) freeze(part);
  return Object.freeze(value);
}
