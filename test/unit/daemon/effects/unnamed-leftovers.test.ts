import { closeSync, mkdirSync, openSync, renameSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { finalPlot } from '../../../../src/daemon/effects/find-final-plot.ts';
import { unnamedLeftovers } from '../../../../src/daemon/effects/unnamed-leftovers.ts';
import { noteDestination } from '../../../../src/daemon/worker-directory/destination-names.ts';
import { temporaryDirectory } from '../../../support/directory.ts';
import { Bench } from '../../engine/bench.ts';

/** A worker whose plotter began when `before.plot` was in its destination, which is real. */
async function begun() {
  const root = temporaryDirectory();
  const [dest, own] = [join(root, 'dest'), join(root, 'own')];
  for (const path of [dest, own]) mkdirSync(path);
  const put = (name: string) => writeFileSync(join(dest, name), 'torn');
  put('before.plot');
  const bench = new Bench({ nightly: { max_workers: 2, arguments: { dest_dir: dest } } });
  const worker = bench.startOne();
  await noteDestination(own, dest);
  return { bench, worker, dest, own, put, left: () => unnamedLeftovers(bench.state, worker, own) };
}

const LONG_AGO = new Date(2020, 1, 1);

it('are new files that are named as finished ones', async () => {
  const { put, left } = await begun();
  for (const name of ['torn.plot', 'torn.plot.tmp', '.hidden.plot', 'notes.txt']) put(name);
  expect(await left()).toEqual(['torn.plot']);
});

it.each([
  ['has failed', false],
  ['says that all is well', true],
])('are no plot of a worker whose plotter %s', async (_, well) => {
  const { bench, worker, own, put } = await begun();
  put('torn.plot');
  const wait = { run: bench.run(worker), onTrouble: () => {} };
  const look = () => finalPlot(bench.state, worker, wait, { own, said: {}, say: () => {}, well });
  expect(await look()).toMatchObject({ problem: 'its log names no plot', spoilt: ['torn.plot'] });
  // Of several plots others may be there.
  bench.run(worker).plots = 2;
  expect(await look()).toBe(null);
});

it('are none that others have in hand', async () => {
  const { bench, put, left, dest } = await begun();
  const other = bench.startOne();
  other.plot_name = 'theirs';
  for (const name of ['theirs.plot', 'written.plot', 'torn.plot']) put(name);
  const open = openSync(join(dest, 'written.plot'), 'a');
  expect(await left()).toEqual(['torn.plot']);
  closeSync(open);
});

it('were written to just now, but where the daemon was away meanwhile', async () => {
  const { bench, worker, put, left, dest } = await begun();
  put('brought.plot');
  utimesSync(join(dest, 'brought.plot'), LONG_AGO, LONG_AGO);
  expect(await left()).toEqual([]);
  bench.run(worker).interrupted = true;
  expect(await left()).toEqual(['brought.plot']);
});

it('are looked for in the directory alone with which its plotter began', async () => {
  const { put, left, dest } = await begun();
  renameSync(dest, `${dest}-before`);
  mkdirSync(dest);
  put('torn.plot');
  expect(await left()).toEqual([]);
});
