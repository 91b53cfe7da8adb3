import { describe, expect, test } from 'vitest';
import {
  compressionInName,
  isMeantBy,
  isPlotName,
  plotKind,
  plotNameDate,
  sizeInName,
} from '../../../src/host/plot-names.ts';

const ID = 'c07'.repeat(20);
const DATE = '2021-07-14-21-56';

describe('a name says', () => {
  test.each([
    [`plot-k32-${DATE}-${ID}.plot`, 32, 0],
    [`plot-k32-c07-${DATE}-${ID}.plot`, 32, 7],
    [`plot-k22-c3-${DATE}-${ID}.plot`, 22, 3],
    [`plot-mmx-k32-${DATE}-${ID}.plot`, 32, 0],
    [`plot-mmx-k32-c30-${DATE}-${ID}.plot`, 32, 30],
    [`plot-k28-${ID}.plot2`, 28, 0],
    [`plot-k28-7-${ID}.gplot`, 28, 0],
    ['mine.plot', null, 0],
    // Names that lie, or that nobody can tell.
    [`plot-k32-k33-${DATE}-${ID}.plot`, null, 0],
    [`plot-K33-k32-${DATE}-${ID}.plot`, null, 0],
    [`plot-k3-${DATE}-${ID}.plot`, null, 0],
    [`plot-k320-${DATE}-${ID}.plot`, null, 0],
    [`plot-K32-${DATE}-${ID}.plot`, null, 0],
    [`copy-of-k32-${DATE}.plot`, null, 0],
    [`plot-k32k32-${DATE}-${ID}.plot`, null, 0],
    [`plot-k32-c07-c05-${DATE}-${ID}.plot`, 32, null],
    [`plot-k32-${DATE}-c07-${ID}.plot`, 32, null],
    [`plot-k32-C7-${DATE}-${ID}.plot`, 32, null],
    [`plot-k32-c100-${DATE}-${ID}.plot`, 32, null],
    [`plot-c07-k32-${DATE}-${ID}.plot`, 32, null],
    [`c07.plot`, null, null],
  ])('%s: k %s, compression %s', (name, k, compression) => {
    expect([sizeInName(name), compressionInName(name)]).toEqual([k, compression]);
  });

  test.each([
    // Of two dates the later one counts, wherever it stands.
    [`plot-k32-2021-01-01-00-00-2026-02-03-04-05-${ID}.plot`, new Date(2026, 1, 3, 4, 5)],
    [`plot-k32-2026-02-03-04-05-2021-01-01-00-00-${ID}.plot`, new Date(2026, 1, 3, 4, 5)],
    // A clock that was never set.
    [`plot-k32-1970-01-01-00-00-${ID}.plot`, null],
    [`plot-k32-0021-01-01-00-00-${ID}.plot`, null],
    [`plot-k32-12021-01-01-00-00-${ID}.plot`, null],
    [`copy-k32-2021-01-01-00-00-${ID}.plot`, null],
  ])('%s: made %s', (name, date) => {
    expect(plotNameDate(name)).toEqual(date);
  });
});

test.each([
  'a/b.plot',
  '.hidden.plot',
  '.plot',
  'a.plot.tmp',
  'a.plot\0',
  'a.plot22',
  'a.plotx',
  'a.gplot.tmp',
  'a.gplot2',
  'a.GPLOT',
  'aplot',
  'a.plot/',
  '..plot',
])('no plot is named %j', (name) => {
  expect(isPlotName(name)).toBe(false);
  expect(isMeantBy({ match: ['*', '*.plot', name] }, name)).toBe(false);
});

test.each([
  [`plot-k32-${DATE}-${ID}.plot`, { format: 'plot', k: 32, compression: 0 }],
  [`plot-k32-c07-${DATE}-${ID}.plot`, { format: 'plot', k: 32, compression: 7 }],
  [`plot-mmx-k32-c30-${DATE}-${ID}.plot`, { format: 'mmx', k: 32, compression: 30 }],
  [`plot-k28-${ID}.plot2`, { format: 'plot2', k: 28, compression: 0 }],
  [`plot-k28-7-${ID}.gplot`, { format: 'gplot', k: 28, compression: 0 }],
  [`drplot-pro4p-${DATE}-${ID}.drplot`, { format: null, k: null, compression: 0 }],
  [`plot_28_2_0_0_${ID}.bin`, null],
  [`plot-k32-${DATE}-${ID}.plot.tmp`, null],
])('%s is of the kind %j', (name, kind) => {
  expect(plotKind(name)).toEqual(kind);
});

test.each([
  // What a plotter's definition says of its own files.
  ['group.fpt', ['.plot', '.fpt'], { match: ['*.fpt'] }, true],
  ['group.fpt', ['.plot', '.fpt'], { match: ['*'] }, false],
  ['group.fpt', ['.plot', '.fpt'], {}, false],
  ['group.fpt', ['.plot'], { match: ['*.fpt'] }, false],
  ['.group.fpt', ['.fpt'], { match: ['*.fpt', '.group*.fpt'] }, false],
  ['.fpt', ['.fpt'], { match: ['*.fpt'] }, false],
  ['a.plot', ['', '.fpt'], {}, true],
  ['anything', [''], { match: ['*'] }, false],
])('%s, where plots end in %j, is meant by %j: %s', (name, suffixes, rule, expected) => {
  expect(isMeantBy(rule, name, suffixes)).toBe(expected);
});

describe('a rule means', () => {
  const plain = `plot-k32-${DATE}-${ID}.plot`;
  const other = `plot-mmx-k32-${DATE}-${ID}.plot`;
  const tight = `plot-k32-c07-${DATE}-${ID}.plot`;
  const large = `plot-k33-${DATE}-${ID}.plot`;
  const fresh = `plot-k28-${ID}.plot2`;
  const group = `plot-k28-7-${ID}.gplot`;
  const undated = 'mine.plot';
  const all = [plain, other, tight, large, fresh, group, undated];
  test.each([
    ['*.plot by default', {}, [plain, other, tight, large, undated]],
    ['what one of its patterns matches', { match: ['plot-k3?-2*.plot', 'mine*'] }, [plain, large, undated]],
    ['the new format only where it says so', { match: ['*.plot2'] }, [fresh]],
    ['groups of it only where it says so', { match: ['*.gplot'] }, [group]],
    ['both by both their suffixes', { match: ['plot-k28-*.plot2', 'plot-k28-*.gplot'] }, [fresh, group]],
    ['not where a pattern just fits', { match: ['plot-k28*', '*'] }, [plain, other, tight, large, undated]],
    ['its k', { k: [32] }, [plain, other, tight]],
    ['its levels of compression, none being 0', { compression: [0] }, [plain, other, large, undated]],
    ['several', { compression: [7, 0], k: [32, 33] }, [plain, other, tight, large]],
    ['all that it says together', { match: ['plot-k*'], k: [32], compression: [0] }, [plain]],
  ])('%s', (_, rule, expected) => {
    expect(all.filter((name) => isMeantBy(rule, name))).toEqual(expected);
  });
});
