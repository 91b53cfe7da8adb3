import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  closeSync,
  openSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { type Follower, type FollowOptions, follow } from '../../../src/process/follow.ts';
import { lastLines } from '../../../src/process/tail.ts';
import { makeDir } from './support.ts';

const followers: Follower[] = [];
afterEach(() => {
  for (const follower of followers.splice(0)) follower.close();
});

/** Follows a file, collecting its lines and where they end. */
function collect(path: string, options: Partial<FollowOptions> = {}) {
  const lines: string[] = [];
  const ends: number[] = [];
  const follower = follow(path, {
    ...options,
    onLines: (more, endOffset, moreEnds) => {
      expect(more.length).toBeGreaterThan(0);
      expect(moreEnds.at(-1)).toBe(endOffset);
      lines.push(...more);
      ends.push(...moreEnds);
    },
  });
  followers.push(follower);
  return { lines, ends, follower };
}

function logFile(content: string | Buffer = ''): string {
  const path = join(makeDir(), 'plotter.log');
  writeFileSync(path, content);
  return path;
}

describe('what is written arrives by itself', () => {
  test('line by line, partial lines once they are complete', async () => {
    const path = logFile('one\ntw');
    const { lines, ends } = collect(path);
    await expect.poll(() => lines).toEqual(['one']);
    appendFileSync(path, 'o\nthr');
    await expect.poll(() => lines).toEqual(['one', 'two']);
    appendFileSync(path, 'ee\n');
    await expect.poll(() => lines).toEqual(['one', 'two', 'three']);
    expect(ends).toEqual([4, 8, 14]);
  });

  test('of a file that isn’t there yet', async () => {
    const path = join(makeDir(), 'later.log');
    const { lines } = collect(path);
    writeFileSync(path, 'here\n');
    await expect.poll(() => lines).toEqual(['here']);
    appendFileSync(path, 'more\n');
    await expect.poll(() => lines).toEqual(['here', 'more']);
  });

  test('nothing after it was closed', async () => {
    const path = logFile();
    const { lines, follower } = collect(path);
    follower.close();
    appendFileSync(path, 'late\n');
    await follower.drain({ final: true });
    expect(lines).toEqual([]);
  });
});

describe('lines', () => {
  const linesOf = async (content: string | Buffer, options: Partial<FollowOptions> = {}) => {
    const { lines, follower } = collect(logFile(content), options);
    await follower.drain({ final: true });
    return lines;
  };

  test.each([
    ['a carriage return ends one', '\r[=  ] 37%\r[== ] 50%\rdone\n', ['[=  ] 37%', '[== ] 50%', 'done']],
    ['both together are one end', 'a\r\nb\r\n', ['a', 'b']],
    ['empty ones are left out', '\n\na\n\n\nb\n', ['a', 'b']],
    ['the last may have no end', 'a\nb', ['a', 'b']],
    ['white space stays', ' a \n\t\n', [' a ', '\t']],
    ['zero bytes and escapes survive', 'a\0b\x1b[31m\n', ['a\0b\x1b[31m']],
    ['an empty file has none', '', []],
  ])('%s', async (_, content, expected) => {
    expect(await linesOf(content)).toEqual(expected);
  });

  test('bytes that are no UTF-8 don’t harm what is around them', async () => {
    expect(await linesOf(Buffer.from([0x61, 0xff, 0xfe, 0x62, 0x0a, 0x63, 0x0a]))).toEqual([
      'a\ufffd\ufffdb',
      'c',
    ]);
  });

  test('a character that is cut by the end of a piece stays whole', async () => {
    const lines = Array.from({ length: 3_000 }, (_, i) => `${'☘ü𝄞'.repeat(7)}${i}`);
    expect(await linesOf(`${lines.join('\n')}\n`)).toEqual(lines);
  });

  test('a huge one is cut, and the next is whole', async () => {
    const lines = await linesOf(`${'x'.repeat(1_000_000)}\nnext\n`, { maxLineBytes: 100 });
    expect(lines).toEqual(['x'.repeat(100), 'next']);
  });

  test('a last line without an end waits until it is final', async () => {
    const path = logFile('a\nb');
    const { lines, ends, follower } = collect(path);
    await follower.drain();
    expect(lines).toEqual(['a']);
    await follower.drain({ final: true });
    expect(lines).toEqual(['a', 'b']);
    expect(ends).toEqual([2, 3]);
    await follower.drain({ final: true });
    expect(lines).toEqual(['a', 'b']);
  });

  test('one that trickles in byte by byte', async () => {
    const path = logFile();
    const { lines, follower } = collect(path);
    for (const byte of 'x'.repeat(300)) {
      appendFileSync(path, byte);
      await follower.drain();
    }
    appendFileSync(path, '\n');
    await follower.drain();
    expect(lines).toEqual(['x'.repeat(300)]);
  });
});

describe('a file that begins anew', () => {
  test('truncated', async () => {
    const path = logFile('a long first line\nand part');
    const { lines } = collect(path);
    await expect.poll(() => lines).toEqual(['a long first line']);
    truncateSync(path);
    appendFileSync(path, 'anew\n');
    await expect.poll(() => lines).toEqual(['a long first line', 'anew']);
    appendFileSync(path, 'on\n');
    await expect.poll(() => lines).toEqual(['a long first line', 'anew', 'on']);
  });

  test('truncated before it was followed', async () => {
    const { lines, ends, follower } = collect(logFile('anew\n'), { from: 1_000 });
    await follower.drain();
    expect([lines, ends]).toEqual([['anew'], [5]]);
  });

  test('replaced', async () => {
    const path = logFile('old\nunfinished');
    const { lines } = collect(path);
    await expect.poll(() => lines).toEqual(['old']);
    writeFileSync(`${path}.new`, 'a line longer than all the old ones\n');
    renameSync(`${path}.new`, path);
    await expect.poll(() => lines).toEqual(['old', 'unfinished', 'a line longer than all the old ones']);
    appendFileSync(path, 'on\n');
    await expect.poll(() => lines).toHaveLength(4);
  });

  test('removed, and made again later', async () => {
    const path = logFile('old\n');
    const { lines, follower } = collect(path);
    await expect.poll(() => lines).toEqual(['old']);
    rmSync(path);
    await follower.drain();
    writeFileSync(path, 'new one\n');
    await expect.poll(() => lines).toEqual(['old', 'new one']);
  });
});

describe('much', () => {
  test('a flood of 100 MB is counted, in the same memory, and others get their turn', async () => {
    const path = logFile();
    const line = `${'0123456789'.repeat(9)}\n`;
    const count = Math.ceil(100e6 / line.length);
    const block = Buffer.from(line.repeat(10_000));
    const fd = openSync(path, 'w');
    for (let left = count; left > 0; left -= 10_000) {
      writeSync(fd, block, 0, Math.min(left, 10_000) * line.length);
    }
    closeSync(fd);

    let lines = 0;
    let wrong = 0;
    let turns = 0;
    let peak = 0;
    const before = process.memoryUsage().rss;
    const other = setInterval(() => {
      turns += 1;
      peak = Math.max(peak, process.memoryUsage().rss);
    }, 1);
    const follower = follow(path, {
      onLines: (more) => {
        lines += more.length;
        wrong += more.filter((one) => one.length !== line.length - 1).length;
      },
    });
    followers.push(follower);
    await follower.drain();
    clearInterval(other);
    expect([lines, wrong]).toEqual([count, 0]);
    expect(turns).toBeGreaterThan(10);
    expect(peak - before).toBeLessThan(64 * 1024 * 1024);
  });

  test('a line of 20 MB without an end costs no memory', async () => {
    const path = logFile(Buffer.alloc(20_000_000, 'x'));
    const { lines, follower } = collect(path);
    await follower.drain();
    expect(lines).toEqual([]);
    appendFileSync(path, '\nok\n');
    await follower.drain();
    expect(lines).toEqual(['x'.repeat(16 * 1024), 'ok']);
  });

  test('resumed again and again while a writer writes, no line is lost or doubled', async () => {
    const path = logFile();
    const count = 20_000;
    const writer = spawn(
      'sh',
      [
        '-c',
        `i=0; while [ $i -lt ${count} ]; do i=$((i+1)); printf 'line %s\\r' $i; printf '\\n'; done >>"$0"`,
        path,
      ],
      { stdio: 'ignore' },
    );
    const written = once(writer, 'exit');
    const lines: string[] = [];
    let offset = 0;
    while (lines.length < count) {
      await new Promise<void>((resolve) => {
        const follower = follow(path, {
          from: offset,
          onLines: (more, endOffset) => {
            lines.push(...more);
            offset = endOffset;
            follower.close();
            resolve();
          },
        });
      });
    }
    await written;
    expect(lines).toEqual(Array.from({ length: count }, (_, i) => `line ${i + 1}`));
  });
});

describe('lastLines', () => {
  test('gives the end of a log', () => {
    const path = logFile('one\ntwo\r\n\n  \nthree\rfour');
    expect(lastLines(path, 2)).toEqual(['three', 'four']);
    expect(lastLines(path, 9)).toEqual(['one', 'two', 'three', 'four']);
    expect(lastLines(path, 9, 9)).toEqual(['hree', 'four']);
    expect(lastLines(`${path}.missing`, 3)).toEqual([]);
  });

  test.each([
    ['colours', '\x1b[1;32mred\x1b[0m', 'red'],
    ['the cursor', '\x1b[?25l\x1b[2K50 %\x1b[1G', '50 %'],
    ['the title', '\x1b]0;plotting\x07\x1b]2;plotting\x1b\\ready', 'ready'],
    ['the character set', '\x1b(Btext\x1b7', 'text'],
    ['bells, zeros and tabs', '\x07a\0\tb\b', 'a b'],
  ])('leaves out %s', (_, line, shown) => {
    expect(lastLines(logFile(`${line}\n\x1b[0m\n`), 3)).toEqual([shown]);
  });
});
