import { appendFileSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PlotHistory } from '../../../src/storage/plot-records.ts';
import { temporaryDirectory } from '../../support/directory.ts';

/** The line of a worker of its own, unless `more` says otherwise. */
let workers = 0;
const line = (plot: string | null, ended_at: string, more: object = {}) => {
  workers += 1;
  const worker = `w${workers}`;
  const result = plot === null ? 'failed' : 'done';
  return `${JSON.stringify({ worker, job: 'nightly', result, plot, ended_at, ...more })}\n`;
};
const at = (text: string) => Date.parse(text);

function history(text: string | null) {
  const file = join(temporaryDirectory(), 'history.jsonl');
  if (text !== null) writeFileSync(file, text);
  return { file, history: new PlotHistory(file) };
}

describe('the plots of the history', () => {
  it('are known by name, wherever they are by now, and those added later too', async () => {
    const { file, history: records } = history(
      line('/dest/a.plot', '2026-01-01T00:00:00Z') + line(null, '2026-01-02T00:00:00Z'),
    );
    expect(await records.refresh()).toBe(null);
    expect(records.timeOf('a.plot')).toBe(at('2026-01-01T00:00:00Z'));
    expect(records.timeOf('b.plot')).toBe(null);
    appendFileSync(file, line('/dest/b.plot', '2026-01-03T00:00:00Z'));
    await records.refresh();
    expect(records.timeOf('b.plot')).toBe(at('2026-01-03T00:00:00Z'));
    expect(records).toMatchObject({ count: 2, damaged: 0 });
  });

  it('take in a line when it is whole', async () => {
    const { file, history: records } = history('');
    const text = line('/dest/a.plot', '2026-01-01T00:00:00Z');
    appendFileSync(file, text.slice(0, 30));
    await records.refresh();
    expect(records).toMatchObject({ count: 0, damaged: 0 });
    appendFileSync(file, text.slice(30));
    await records.refresh();
    expect(records.timeOf('a.plot')).not.toBe(null);
  });

  it('are never older than those before them: then the clock had been set back', async () => {
    const { history: records } = history(
      line('/d/a.plot', '2026-06-01T00:00:00Z') +
        line('/d/b.plot', '1970-01-02T00:00:00Z') +
        line('/d/c.plot', '2026-01-01T00:00:00Z', { not_before: '2026-07-01T00:00:00Z' }),
    );
    await records.refresh();
    expect(records.timeOf('b.plot')).toBe(at('2026-06-01T00:00:00Z'));
    expect(records.timeOf('c.plot')).toBe(at('2026-07-01T00:00:00Z'));
  });

  it('make none of the later ones younger by a time that has not come yet', async () => {
    const { history: records } = history(
      line('/d/a.plot', '2999-06-01T00:00:00Z') + line('/d/b.plot', '2026-01-01T00:00:00Z'),
    );
    await records.refresh();
    expect(records.timeOf('a.plot')).toBe(at('2999-06-01T00:00:00Z'));
    expect(records.timeOf('b.plot')).toBe(at('2026-01-01T00:00:00Z'));
  });

  it.each([
    'not json',
    '[]',
    '"text"',
    '{"plot":"/d/a.plot"}',
    '{"worker":"w","plot":"/d/a.plot","ended_at":"2026-01-01T00:00:00Z"}',
    '{"worker":"w","job":"j","result":"done","plot":"/d/a.plot","ended_at":"soon"}',
  ])('count %s as damaged, and go on behind it', async (text) => {
    const { history: records } = history(`${text}\n${line('/d/b.plot', '2026-01-01T00:00:00Z')}`);
    await records.refresh();
    expect(records).toMatchObject({ count: 1, damaged: 1 });
  });

  it('stay known when the file is moved away, and another takes its place', async () => {
    const { file, history: records } = history(line('/d/a.plot', '2026-01-01T00:00:00Z'));
    await records.refresh();
    renameSync(file, `${file}.1`);
    expect(await records.refresh()).toBe(null);
    writeFileSync(file, line('/d/b.plot', '2026-01-02T00:00:00Z'));
    await records.refresh();
    expect([records.timeOf('a.plot'), records.timeOf('b.plot')]).not.toContain(null);
  });

  it('count once, also where a line is there twice or the file is read anew', async () => {
    const once = line('/d/a.plot', '2026-01-01T00:00:00Z');
    const { file, history: records } = history(
      once +
        once +
        line('/d/a.plot', '2026-01-01T00:00:00Z', { worker: 'mover', result: 'moved' }) +
        line('/d/a.plot', '2026-01-01T00:00:00Z', { worker: null, result: 'reset' }) +
        line(null, '2026-01-01T00:00:00Z') +
        line('/d/b.plot', '2026-01-01T00:00:00Z', { result: 'dismissed' }),
    );
    await records.refresh();
    expect(records.count).toBe(2);
    writeFileSync(file, once);
    await records.refresh();
    expect(records.count).toBe(2);
    expect(records.has(JSON.parse(once))).toBe(true);
    expect(records.has(JSON.parse(line('/d/c.plot', '2026-01-01T00:00:00Z')))).toBe(false);
  });

  it('are unknown where the file can’t be read, which is said', async () => {
    const { file, history: records } = history(null);
    expect(await records.refresh()).toBe(null);
    mkdirSync(file);
    expect(await records.refresh()).toMatch(/EISDIR/);
  });

  it('are read in pieces of any size', async () => {
    const lines = Array.from({ length: 3_000 }, (_, number) =>
      line(`/d/${number}-${'x'.repeat(100)}.plot`, '2026-01-01T00:00:00Z'),
    );
    const { history: records } = history(lines.join(''));
    await Promise.all([records.refresh(), records.refresh()]);
    expect(records).toMatchObject({ count: 3_000, damaged: 0 });
  });
});
