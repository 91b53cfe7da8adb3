import { appendFileSync, mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { growingFiles, growthMark } from '../../../../src/daemon/effects/look-at-growth.ts';
import { temporaryDirectory } from '../../../support/directory.ts';
import { Bench } from '../../engine/bench.ts';

const MARK_MS = 60_000;

describe('a mark of files', () => {
  function farm() {
    const dir = temporaryDirectory();
    const temp = join(dir, 'temp');
    mkdirSync(join(temp, 'inner'), { recursive: true });
    writeFileSync(join(temp, 'table'), 'x');
    writeFileSync(join(temp, 'inner', 'table'), 'x');
    const plot = join(dir, 'a.plot.tmp');
    const mark = () => growthMark({ directories: [temp, join(dir, 'absent')], files: [plot] }, MARK_MS);
    return { temp, plot, mark };
  }

  it('is the same as long as nothing is written', async () => {
    const { mark } = farm();
    expect(await mark()).toBe(await mark());
  });

  it.each([
    ['a temporary file grows', ({ temp }) => appendFileSync(join(temp, 'table'), 'more')],
    ['one further down grows', ({ temp }) => appendFileSync(join(temp, 'inner', 'table'), 'more')],
    ['there is a new one', ({ temp }) => writeFileSync(join(temp, 'new'), '')],
    ['one goes', ({ temp }) => rmSync(join(temp, 'table'))],
    ['one is written to where it was', ({ temp }) => utimesSync(join(temp, 'table'), 1, 1)],
    ['the plot is begun', ({ plot }) => writeFileSync(plot, '')],
  ] satisfies [string, (files: { temp: string; plot: string }) => void][])(
    'is another one when %s',
    async (_name, change) => {
      const files = farm();
      const before = await files.mark();
      change(files);
      expect(await files.mark()).not.toBe(before);
    },
  );
});

it('the log and temporary files are those of the newest worker of a run, each plot that of its own', () => {
  const bench = new Bench({ nightly: { plotter: 'many', plots_per_run: 2 } });
  const first = bench.startOne();
  const say = (nth: number, name: string) =>
    bench.feed({
      ...{ type: 'log', run: first.run, offset: nth, nth },
      signals: [{ type: 'begin' }, { type: 'plot_name', name }],
    });
  say(1, 'one');
  const files = (nth: number) => {
    const worker = bench.workers().find((each) => each.nth === nth);
    return worker && growingFiles(worker, bench.state, '/data');
  };
  const log = `/data/workers/${first.run}/plotter.log`;
  const temp = [`/tmp1/plot2mqtt-${first.run}`];
  const plot = (name: string) => expect.arrayContaining([`/dest/${name}.plot`, `/dest/${name}.plot.tmp`]);
  expect(files(1)).toEqual({ directories: temp, files: plot('one') });
  expect(files(1)?.files[0]).toBe(log);
  say(2, 'two');
  expect(files(1)).toEqual({ directories: [], files: plot('one') });
  expect(files(1)?.files).not.toContain(log);
  expect(files(2)).toEqual({ directories: temp, files: plot('two') });
  expect(files(2)?.files[0]).toBe(log);
});
