import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { PlotterEntry } from '../../../../../src/config/schema/config.ts';
import { jobSchema } from '../../../../../src/config/schema/job.ts';
import { plotterDefinitionSchema } from '../../../../../src/config/schema/plotter.ts';
import type { ArgumentValues } from '../../../../../src/contract/names.ts';
import { plottersOf, resolveJob } from '../../../../../src/engine/starting/places/resolve.ts';
import { builtInPlotters } from '../../../../../src/plotters/catalogue.ts';

const KEY = 'ab'.repeat(48);
const COMPLETE = { farmer_key: KEY, pool_key: KEY, temp_dir: '/t', dest_dir: '/d' };

interface Given {
  job?: ArgumentValues;
  plotter?: ArgumentValues;
  defaults?: ArgumentValues;
  command?: string;
}

function resolve({ job = {}, plotter = {}, defaults = {}, command }: Given) {
  const entry: PlotterEntry = { kind: 'settings', arguments: plotter };
  return resolveJob('nightly', jobSchema.parse({ plotter: 'madmax', arguments: job, command }), {
    plotters: plottersOf({ plotters: { madmax: entry } }, builtInPlotters()),
    defaults,
    directory: '/etc/plots',
  });
}

function messages(result: ReturnType<typeof resolveJob>): string[] {
  return result.ok ? [] : result.problems.map((problem) => problem.message);
}

describe('resolveJob', () => {
  it('takes the job first, then the plotter, then the defaults, and makes directories absolute', () => {
    const result = resolve({
      job: { dest_dir: 'farm', temp_dir: '~/tmp' },
      plotter: { threads: 8, dest_dir: '/other' },
      defaults: { ...COMPLETE, threads: 2 },
    });
    expect(result).toMatchObject({
      ok: true,
      plotter: 'madmax',
      values: { dest_dir: '/etc/plots/farm', temp_dir: join(homedir(), 'tmp'), threads: 8, farmer_key: KEY },
    });
  });

  it('names the argument, the job and the plotter, all problems at once', () => {
    const given = {
      job: { thraeds: 3, temp_dir: '/t' },
      plotter: { threads: 'x' },
      defaults: { dest_dir: 3 },
    };
    expect(messages(resolve(given))).toEqual([
      "job 'nightly': plotter 'madmax': unknown argument 'thraeds'; did you mean 'threads'?",
      expect.stringMatching(/^job 'nightly': plotter 'madmax': argument 'dest_dir' .*, in defaults$/),
      expect.stringMatching(
        /^job 'nightly': plotter 'madmax': argument 'threads' .*, in plotters\.madmax\.arguments$/,
      ),
      "job 'nightly': plotter 'madmax': argument 'farmer_key' is missing; set it in the job, in plotters.madmax.arguments or in defaults",
      "job 'nightly': plotter 'madmax': one of the arguments 'pool_key' or 'pool_contract' is missing; set it in the job, in plotters.madmax.arguments or in defaults",
    ]);
  });

  it("prefers the job's command, then the plotter's, then the definition's", () => {
    const own = builtInPlotters().get('madmax')?.command;
    expect(resolve({ job: COMPLETE })).toMatchObject({ command: own });
    expect(resolve({ job: COMPLETE, command: 'mine' })).toMatchObject({ command: 'mine' });
    const entry: PlotterEntry = { kind: 'settings', arguments: {}, command: 'theirs' };
    expect(plottersOf({ plotters: { madmax: entry } }, builtInPlotters()).get('madmax')?.command).toBe(
      'theirs',
    );
  });

  it("knows a plotter of the user's own, and says which it doesn't know", () => {
    const definition = plotterDefinitionSchema.parse({
      title: 'Mine',
      command: 'mine',
      arguments: {},
      stages: [{ id: '1', title: 'All' }],
      patterns: [],
    });
    const plotters = plottersOf(
      { plotters: { mine: { kind: 'definition', definition } } },
      builtInPlotters(),
    );
    const context = { plotters, defaults: {}, directory: '/' };
    expect(resolveJob('a', jobSchema.parse({ plotter: 'mine' }), context)).toMatchObject({
      ok: true,
      command: 'mine',
    });
    expect(messages(resolveJob('a', jobSchema.parse({ plotter: 'madmx' }), context))).toEqual([
      "job 'a': unknown plotter 'madmx'; known are bladebit-cuda, bladebit-disk, bladebit-ram, chia, chia-v2, gigahorse, gigahorse-cuda, madmax, pos2, mine; did you mean 'madmax'?",
    ]);
  });
});
