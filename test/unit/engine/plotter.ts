import { type JobDefinition, jobSchema } from '../../../src/config/schema/job.ts';
import {
  type PlotterDefinition,
  type PlotterDefinitionInput,
  plotterDefinitionSchema,
} from '../../../src/config/schema/plotter.ts';

/** A small plotter: two steps in phase 1, then phases 2 to 5; weights are percent. */
const SMALL = {
  title: 'Small',
  command: 'small_plotter',
  arguments: {
    farmer_key: { flag: '-f', type: 'string', required: true },
    temp_dir: { flag: '-t', type: 'directory', role: 'temp', required: true },
    temp2_dir: { flag: '-2', type: 'directory', role: 'temp' },
    dest_dir: { flag: '-d', type: 'directory', role: 'destination', required: true },
    k: { flag: '-k', type: 'integer', default: 32 },
  },
  space: { '32': { plot: 100, temp: { temp_dir: 200, temp2_dir: 50 } } },
  stages: [
    { id: '1', title: 'Forward' },
    { id: '1.1', title: 'Table 1', weight: 30 },
    { id: '1.2', title: 'Table 2', weight: 20 },
    { id: '2', title: 'Backward', weight: 20 },
    { id: '3', title: 'Compress', weight: 15 },
    { id: '4', title: 'Checkpoints', weight: 10 },
    { id: '5', title: 'Copy', weight: 5 },
  ],
  patterns: [],
} satisfies PlotterDefinitionInput;

/** The small plotter's definition. */
export function smallPlotter(): PlotterDefinition {
  return plotterDefinitionSchema.parse(SMALL);
}

/** The same, making several plots in a process, with a line for the beginning of each; `finish` as in its definition. */
export function manyPlotter(several: { finish?: 'SIGTERM' } = {}): PlotterDefinition {
  const patterns = [{ match: '^begin', begin: true }];
  return plotterDefinitionSchema.parse({ ...SMALL, several: { flag: '-n', ...several }, patterns });
}

/** A job's settings as config.yaml writes them; the plotter is the small one unless another is named. */
export type JobInput = Record<string, unknown>;

export function jobOf(settings: JobInput = {}): JobDefinition {
  return jobSchema.parse({ plotter: 'small', ...settings });
}
