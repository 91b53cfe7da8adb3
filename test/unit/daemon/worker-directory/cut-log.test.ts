import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { cleanUp, type Leftovers } from '../../../../src/daemon/effects/cleanup.ts';
import { cutLog } from '../../../../src/daemon/worker-directory/cut-log.ts';
import { noteFinish } from '../../../../src/daemon/worker-directory/finish-note.ts';
import { builtInPlotters } from '../../../../src/plotters/catalogue.ts';

const root = mkdtempSync(join(tmpdir(), 'plot2mqtt-cut-'));
afterEach(() => rmSync(root, { recursive: true, force: true }));
const RUN = 'j-20261126T200000-run';

const madmax = () => {
  const definition = builtInPlotters().get('madmax');
  if (!definition) throw new Error('no madmax');
  return definition;
};

/** A run's directory with a log of several plots. */
function withLog(text: string): string {
  const own = join(root, 'workers', RUN);
  mkdirSync(own, { recursive: true });
  writeFileSync(join(own, 'plotter.log'), text);
  return own;
}

const kept = (name: string) => readFileSync(join(root, 'logs', `${name}.txt`), 'utf8');

describe('a part of a log', () => {
  it('is from the line that begins the plot to the next, and what names it later; all parts are the whole', async () => {
    const log = readFileSync(
      new URL('../../../fixtures/plotters/madmax/k20_n3_slow_copy_overlap.log', import.meta.url),
      'utf8',
    );
    withLog(log);
    const parts: string[] = [];
    for (const nth of [1, 2, 3]) {
      await cutLog(root, { run: RUN, worker: `w${nth}`, nth, definition: madmax() });
      parts.push(kept(`w${nth}`));
    }
    expect(parts.join('').length).toBe(log.length);
    const names = [...log.matchAll(/^Plot Name: (.+)$/gm)].map(([, name]) => name ?? '');
    for (const [index, part] of parts.entries()) {
      for (const [other, name] of names.entries()) expect(part.includes(name)).toBe(index === other);
      expect(part).toMatch(/(Copy to .* finished|Renamed final plot)/);
      expect(part.startsWith('Crafting plot')).toBe(index > 0);
    }
    await cutLog(root, { run: RUN, worker: 'w2', nth: 2, definition: madmax() });
    expect(kept('w2')).toBe(parts[1]);
  });

  it('has the last line, though it has no end', async () => {
    withLog('Crafting plot 1 out of 2\none\nCrafting plot 2 out of 2\ntwo\n\nno end');
    for (const nth of [1, 2]) await cutLog(root, { run: RUN, worker: `w${nth}`, nth, definition: madmax() });
    expect(kept('w1')).toBe('Crafting plot 1 out of 2\none\n');
    expect(kept('w2')).toBe('Crafting plot 2 out of 2\ntwo\n\nno end');
  });
});

describe('what workers of one run leave', () => {
  const leftovers = (more: Partial<Leftovers>): Leftovers => ({
    ...{ dataDir: root, worker: RUN, run: RUN, last: false, tempDirs: [], unfinished: [], destinations: [] },
    ...{ destination: null, keepLogs: true, keepRunLogs: true, startedAt: 0, plotterBegan: true },
    byRecord: true,
    several: { nth: 1, definition: madmax() },
    ...more,
  });

  it('is each one’s part of the log, and its post-command’s; the run’s goes with the last', async () => {
    const own = withLog('Crafting plot 1\none\nCrafting plot 2\ntwo\n');
    writeFileSync(join(own, 'pre.log'), 'pre');
    writeFileSync(join(own, 'post.log'), 'post 1');
    const second = join(root, 'workers', 'j-20261126T200001-two');
    mkdirSync(second);
    writeFileSync(join(second, 'post.log'), 'post 2');
    expect(await cleanUp(leftovers({}))).toBe(null);
    expect(existsSync(own)).toBe(true);
    const ofSecond = { worker: 'j-20261126T200001-two', several: { nth: 2, definition: madmax() } };
    expect(await cleanUp(leftovers({ ...ofSecond, last: true }))).toBe(null);
    expect([existsSync(own), existsSync(second)]).toEqual([false, false]);
    expect([kept(RUN), kept('j-20261126T200001-two')]).toEqual([
      'Crafting plot 1\none\n',
      'Crafting plot 2\ntwo\n',
    ]);
    expect([kept(`${RUN}_pre`), kept(`${RUN}_post`), kept('j-20261126T200001-two_post')]).toEqual([
      ...['pre', 'post 1', 'post 2'],
    ]);
  });

  it('is not kept of those that keep none', async () => {
    withLog('Crafting plot 1\none\nCrafting plot 2\ntwo\n');
    await cleanUp(leftovers({ keepLogs: false }));
    await cleanUp(leftovers({ worker: 'w2', several: { nth: 2, definition: madmax() }, last: true }));
    expect(existsSync(join(root, 'logs', `${RUN}.txt`))).toBe(false);
    expect(kept('w2')).toBe('Crafting plot 2\ntwo\n');
  });
});

it('a plotter is asked to end once', () => {
  const own = withLog('');
  expect([noteFinish(own, 'SIGTERM'), noteFinish(own, 'SIGTERM')]).toEqual([true, false]);
  expect(noteFinish(join(root, 'nowhere'), 'SIGTERM')).toBe(false);
});
