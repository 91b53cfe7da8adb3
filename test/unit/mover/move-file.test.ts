import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { MOVE_POINTS } from '../../../src/mover/move-task.ts';
import { sweepNote } from '../../../src/mover/sweep.ts';
import { cut, HAS_OTHER_DISK, PowerCut, world } from './support.ts';

const DISKS = HAS_OTHER_DISK ? (['same disk', 'other disk'] as const) : (['same disk'] as const);
const elsewhere = describe.skipIf(!HAS_OTHER_DISK);

describe.each(DISKS)('onto the %s', (kind) => {
  test('a plot is moved whole, with its mode and its time', async () => {
    const plot = world(kind);
    const before = statSync(plot.file);
    expect(await plot.move()).toBe(kind === 'same disk' ? 'renamed' : 'copied');
    expect(plot.names()).toEqual({ from: [], to: ['a.plot'] });
    expect(plot.whole()).toEqual(['to']);
    const after = statSync(join(plot.to, 'a.plot'));
    expect(after.mode).toBe(before.mode);
    expect(after.mtimeMs).toBeCloseTo(before.mtimeMs, 1);
    expect(await sweepNote(plot.note)).toBe(true);
    expect(plot.names().to).toEqual(['a.plot']);
  });

  test('one whose process was killed before it could say so has been moved', async () => {
    const plot = world(kind);
    const how = await plot.move();
    expect(await plot.move()).toBe(how);
    expect(plot.names()).toEqual({ from: [], to: ['a.plot'] });
    expect(plot.whole()).toEqual(['to']);
  });

  test('nor is one gone that was there already', async () => {
    const plot = world(kind);
    writeFileSync(join(plot.to, 'a.plot'), plot.content);
    expect(await plot.move()).toBe('found');
    await plot.move();
    expect(plot.names()).toEqual({ from: [], to: ['a.plot'] });
    expect(plot.whole()).toEqual(['to']);
  });

  test('where both directories show one and the same file it stays', async () => {
    const plot = world(kind);
    // In a pool of disks the file has its other name on the disk, too.
    const gone = () => rmSync(join(plot.to, 'a.plot'));
    await expect(plot.move({ aside: gone })).rejects.toMatchObject({ side: 'other' });
    expect(plot.names()).toEqual({ from: ['a.plot'], to: [] });
    expect(plot.whole()).toEqual(['from']);
  });

  test.each(MOVE_POINTS)(
    'cut off at "%s" it leaves one whole plot, and is brought to its end',
    async (point) => {
      const plot = world(kind);
      let reached = false;
      const cutHere = () => {
        reached = true;
        cut();
      };
      await plot.move({ [point]: cutHere }).catch((error: unknown) => {
        if (!(error instanceof PowerCut)) throw error;
      });
      expect(plot.whole().length).toBeGreaterThanOrEqual(1);
      // A plot never has its own name before it is whole.
      if (existsSync(join(plot.to, 'a.plot'))) expect(plot.whole()).toContain('to');
      if (reached) await plot.move();
      expect(plot.whole()).toEqual(['to']);
      expect(plot.names()).toEqual({ from: [], to: ['a.plot'] });
    },
  );

  test('a note that can’t be read says nothing about whether it is in its place', async () => {
    const plot = world(kind);
    mkdirSync(plot.note);
    await expect(plot.move()).rejects.toMatchObject({ side: 'other', pinned: true });
    expect(plot.names()).toEqual({ from: ['a.plot'], to: [] });
  });

  test('another file of its name is left as it is', async () => {
    const plot = world(kind);
    writeFileSync(join(plot.to, 'a.plot'), 'another');
    await expect(plot.move()).rejects.toMatchObject({ side: 'other', pinned: false });
    expect(readFileSync(join(plot.to, 'a.plot'), 'utf8')).toBe('another');
    expect(plot.whole()).toEqual(['from']);
  });

  test('one that differs in one byte is another', async () => {
    const plot = world(kind);
    const other = Buffer.from(plot.content);
    other.writeUInt8((other.at(-2) ?? 0) ^ 1, other.length - 2);
    writeFileSync(join(plot.to, 'a.plot'), other);
    await expect(plot.move()).rejects.toMatchObject({ side: 'other' });
    expect(readFileSync(join(plot.to, 'a.plot')).equals(other)).toBe(true);
    expect(plot.whole()).toEqual(['from']);
  });

  test('a file of its name with its content is the move, finished before', async () => {
    const plot = world(kind);
    writeFileSync(join(plot.to, 'a.plot'), plot.content);
    expect(await plot.move()).toBe('found');
    expect(plot.names()).toEqual({ from: [], to: ['a.plot'] });
    expect(plot.whole()).toEqual(['to']);
  });

  test('a link or a directory of its name is left', async () => {
    const plot = world(kind);
    symlinkSync(plot.file, join(plot.to, 'a.plot'));
    await expect(plot.move()).rejects.toMatchObject({ side: 'other' });
    rmSync(join(plot.to, 'a.plot'));
    mkdirSync(join(plot.to, 'a.plot'));
    await expect(plot.move()).rejects.toMatchObject({ side: 'other' });
    expect(plot.whole()).toEqual(['from']);
  });

  test('a file that has changed since it was found stays', async () => {
    const plot = world(kind);
    utimesSync(plot.file, 1, 1);
    await expect(plot.move()).rejects.toMatchObject({ side: 'source', pinned: false });
    expect(plot.names()).toEqual({ from: ['a.plot'], to: [] });
  });

  test('one that is gone is no plot that was moved', async () => {
    const plot = world(kind);
    rmSync(plot.file);
    await expect(plot.move()).rejects.toMatchObject({
      ...{ side: 'source', gone: true, pinned: false },
      message: expect.stringMatching('is gone'),
    });
    expect(plot.names().to).toEqual([]);
  });

  test('one that is gone is not given up where its disk is another one, or nobody knows it', async () => {
    const plot = world(kind);
    rmSync(plot.file);
    plot.task.expected.device = '12345';
    await expect(plot.move()).rejects.toMatchObject({ side: 'source', gone: false });
    plot.task.expected.device = '';
    await expect(plot.move()).rejects.toMatchObject({ side: 'source', gone: false });
  });

  test('one that somebody has removed where it was is done where it is whole in its destination', async () => {
    const plot = world(kind);
    await plot.move({ placed: cut }).catch(() => undefined);
    rmSync(plot.note, { force: true });
    rmSync(plot.file);
    await plot.move();
    expect(plot.names()).toEqual({ from: [], to: ['a.plot'] });
    expect(plot.whole()).toEqual(['to']);
  });

  test('one that somebody has removed before it was whole is given up, and nothing of it left', async () => {
    const plot = world(kind);
    writeFileSync(join(plot.to, 'a.plot'), 'torn');
    rmSync(plot.file);
    await expect(plot.move()).rejects.toMatchObject({ side: 'source', gone: true });
    expect(plot.names().to).toEqual(['a.plot']);
  });

  test('what went aside is kept until it is known that the file of its name has its content', async () => {
    const plot = world(kind);
    await expect(plot.move({ aside: cut })).rejects.toThrow(PowerCut);
    // Somebody puts another file in its place, which no note knows.
    const other = Buffer.from(plot.content);
    other.writeUInt8((other.at(-2) ?? 0) ^ 1, other.length - 2);
    rmSync(join(plot.to, 'a.plot'));
    writeFileSync(join(plot.to, 'another'), '');
    writeFileSync(join(plot.to, 'a.plot'), other);
    await expect(plot.move()).rejects.toMatchObject({ side: 'other' });
    expect(plot.names().from).toEqual(['a.plot']);
    expect(plot.whole()).toEqual(['from']);
    rmSync(join(plot.to, 'a.plot'));
    await plot.move({ aside: cut }).catch(() => undefined);
    rmSync(plot.note, { force: true });
    await plot.move();
    expect(plot.names()).toEqual({ from: [], to: ['a.plot', 'another'] });
    expect(plot.whole()).toEqual(['to']);
  });

  test('a destination that is missing fails, the plot stays', async () => {
    const plot = world(kind);
    rmSync(plot.to, { recursive: true });
    await expect(plot.move()).rejects.toMatchObject({ side: 'destination', pinned: false });
    expect(plot.names.bind(plot)).toThrow('ENOENT');
    expect(existsSync(plot.file)).toBe(true);
  });
});

elsewhere('a copy', () => {
  test('of a file that grows meanwhile goes', async () => {
    const plot = world('other disk');
    const grow = () => writeFileSync(plot.file, 'more', { flag: 'a' });
    await expect(plot.move({ copied: grow })).rejects.toMatchObject({ side: 'source' });
    expect(plot.names()).toEqual({ from: ['a.plot'], to: [] });
  });

  test('of a file that is replaced goes, before it has its name and after', async () => {
    for (const point of ['flushed', 'durable'] as const) {
      const plot = world('other disk');
      const replace = () => {
        writeFileSync(`${plot.file}.new`, 'another plot');
        renameSync(`${plot.file}.new`, plot.file);
      };
      await expect(plot.move({ [point]: replace })).rejects.toMatchObject({ side: 'source' });
      expect(plot.names()).toEqual({ from: ['a.plot'], to: [] });
      expect(readFileSync(plot.file, 'utf8')).toBe('another plot');
    }
  });

  test('into a directory in whose place is another one by then costs no plot', async () => {
    for (const [point, pinned] of [
      ['copied', false],
      ['placed', true],
    ] as const) {
      const plot = world('other disk');
      const unmount = () => {
        renameSync(plot.to, `${plot.to}.away`);
        mkdirSync(plot.to);
      };
      await expect(plot.move({ [point]: unmount })).rejects.toMatchObject({ side: 'destination', pinned });
      expect(plot.whole()).toEqual(['from']);
      rmSync(plot.to, { recursive: true });
      renameSync(`${plot.to}.away`, plot.to);
      await plot.move();
      expect(plot.names()).toEqual({ from: [], to: ['a.plot'] });
      expect(plot.whole()).toEqual(['to']);
    }
  });

  test('nor does it stay away where the process is killed in the midst of that', async () => {
    const plot = world('other disk');
    const gone = () => {
      rmSync(join(plot.to, 'a.plot'));
      cut();
    };
    await expect(plot.move({ aside: gone })).rejects.toThrow(PowerCut);
    await expect(plot.move()).rejects.toMatchObject({ side: 'other' });
    expect(plot.whole()).toEqual(['from']);
  });

  test('that is whole, and the only one since somebody has removed the plot, gets its name; else it goes', async () => {
    const whole = world('other disk');
    await expect(whole.move({ flushed: cut })).rejects.toThrow(PowerCut);
    rmSync(whole.file);
    expect(await whole.move()).toBe('copied');
    expect(whole.names()).toEqual({ from: [], to: ['a.plot'] });
    expect(whole.whole()).toEqual(['to']);
    const torn = world('other disk');
    await expect(torn.move({ named: cut })).rejects.toThrow(PowerCut);
    rmSync(torn.file);
    await expect(torn.move()).rejects.toMatchObject({ side: 'source', gone: true });
    expect(await sweepNote(torn.note)).toBe(true);
    expect(torn.names().to).toEqual([]);
  });

  test('that is whole is done where somebody removes the plot at the last moment', async () => {
    for (const point of ['flushed', 'placed', 'durable'] as const) {
      const plot = world('other disk');
      writeFileSync(`${plot.file}.moved`, 'somebody else’s');
      expect(await plot.move({ [point]: () => rmSync(plot.file) })).toBe('copied');
      expect(plot.names()).toEqual({ from: ['a.plot.moved'], to: ['a.plot'] });
      expect(plot.whole()).toEqual(['to']);
    }
  });

  test('that is whole and not wanted any more is swept away only while its plot is there', async () => {
    const plot = world('other disk');
    await expect(plot.move({ flushed: cut })).rejects.toThrow(PowerCut);
    renameSync(plot.file, `${plot.file}.away`);
    expect(await sweepNote(plot.note)).toBe(false);
    expect(plot.names().to).toEqual(['a.plot.tmp']);
    renameSync(`${plot.file}.away`, plot.file);
    expect(await sweepNote(plot.note)).toBe(true);
    expect(plot.names().to).toEqual([]);
    expect(plot.whole()).toEqual(['from']);
  });

  test('that is stopped leaves nothing', async () => {
    const plot = world('other disk', 200_000_000);
    await expect(plot.move({ named: () => plot.stop() })).rejects.toMatchObject({ name: 'MoveStopped' });
    expect(plot.names()).toEqual({ from: ['a.plot'], to: [] });
    expect(existsSync(plot.note)).toBe(false);
  });

  test('touches no .tmp of others, before it began or while it was away', async () => {
    const plot = world('other disk');
    const tmp = join(plot.to, 'a.plot.tmp');
    writeFileSync(tmp, 'theirs');
    await expect(plot.move()).rejects.toMatchObject({ side: 'other', pinned: false });
    expect(readFileSync(tmp, 'utf8')).toBe('theirs');
    rmSync(tmp);
    await expect(plot.move({ copied: cut })).rejects.toThrow(PowerCut);
    rmSync(tmp);
    writeFileSync(tmp, '');
    utimesSync(tmp, 1, 1);
    await expect(plot.move()).rejects.toMatchObject({ side: 'other' });
    expect(readFileSync(tmp, 'utf8')).toBe('');
    expect(plot.whole()).toEqual(['from']);
  });

  test('finds somebody else faster who has made the same file, or another', async () => {
    const same = world('other disk');
    const copy = (content: Buffer | string, to: string) => () => writeFileSync(join(to, 'a.plot'), content);
    expect(await same.move({ flushed: copy(same.content, same.to) })).toBe('found');
    expect(same.names()).toEqual({ from: [], to: ['a.plot'] });
    const other = world('other disk');
    await expect(other.move({ flushed: copy('other', other.to) })).rejects.toMatchObject({ side: 'other' });
    expect(other.names()).toEqual({ from: ['a.plot'], to: ['a.plot'] });
    expect(other.whole()).toEqual(['from']);
  });

  test('that was cut off and is not wanted any more is swept away, and nothing else', async () => {
    const plot = world('other disk');
    await expect(plot.move({ copied: cut })).rejects.toThrow(PowerCut);
    expect(plot.names().to).toEqual(['a.plot.tmp']);
    linkSync(join(plot.to, 'a.plot.tmp'), join(plot.to, 'other'));
    expect(await sweepNote(plot.note)).toBe(true);
    expect(plot.names().to).toEqual(['other']);
    writeFileSync(join(plot.to, 'a.plot.tmp'), 'theirs');
    expect(await sweepNote(plot.note)).toBe(true);
    expect(plot.names().to).toEqual(['a.plot.tmp', 'other']);
  });

  test('whose disk is away is swept when that is back', async () => {
    const plot = world('other disk');
    await expect(plot.move({ copied: cut })).rejects.toThrow(PowerCut);
    renameSync(plot.to, `${plot.to}.away`);
    expect(await sweepNote(plot.note)).toBe(false);
    renameSync(`${plot.to}.away`, plot.to);
    expect(await sweepNote(plot.note)).toBe(true);
    expect(plot.names().to).toEqual([]);
  });

  test('keeps what few rights there are', async () => {
    const plot = world('other disk');
    chmodSync(plot.file, 0o400);
    await plot.move();
    expect(statSync(join(plot.to, 'a.plot')).mode & 0o777).toBe(0o400);
  });
});

test('a plot is never moved into the directory in which it is, by whatever name', async () => {
  const plot = world('same disk');
  rmSync(plot.to, { recursive: true });
  symlinkSync(plot.from, plot.to);
  await expect(plot.move()).rejects.toMatchObject({ side: 'other', pinned: false });
  expect(readFileSync(plot.file).equals(plot.content)).toBe(true);
});
