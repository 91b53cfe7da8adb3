import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { processFiles } from '../../../src/process/files.ts';
import { find } from '../../../src/process/find.ts';
import { launch } from '../../../src/process/launch.ts';
import { WrapperStock } from '../../../src/process/wrapper-stock.ts';
import {
  isRunning,
  kill,
  killAfterwards,
  launchByAnother,
  logOf,
  makeDir,
  printed,
  specOf,
} from './support.ts';

const onLinux = test.runIf(process.platform === 'linux');

async function fullStock() {
  const cwd = makeDir();
  const dir = join(cwd, 'stock');
  const stock = new WrapperStock({ dir, cwd });
  onTestFinished(() => stock.empty());
  await stock.fill();
  const spec = (snippet: string) => specOf(snippet, { stock, cwd });
  return { stock, dir, cwd, spec };
}

/** The processes that wait in this stock. */
function waiting(dir: string): number[] {
  const isOurs = (pid: string) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`\0${dir}/`);
    } catch {
      return false;
    }
  };
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && isOurs(name))
    .map(Number);
}

onLinux(
  'a wrapper that waits runs the command, another takes its place, and nothing stays behind',
  async () => {
    const { stock, dir, spec } = await fullStock();
    const full = waiting(dir);
    expect(full).toHaveLength(stock.size);
    const first = spec('echo up; sleep 60');
    const { pid } = await launch(first);
    killAfterwards(pid);
    expect(full).toContain(pid);
    await printed(first, 'up');
    await expect.poll(() => stock.size).toBe(full.length);
    expect(readdirSync(dir)).toHaveLength(full.length);
  },
);

test('one that isn’t ready yet is not waited for', async () => {
  const cwd = makeDir();
  const stock = new WrapperStock({ dir: join(cwd, 'stock'), cwd });
  onTestFinished(() => stock.empty());
  void stock.fill();
  const { exited } = await launch(specOf('exit 3', { stock, cwd }));
  expect(await exited).toMatchObject({ code: 3 });
});

test('its end is told by the FIFO that it brought with it', async () => {
  const { spec, dir } = await fullStock();
  const brought = readdirSync(dir).map((name) => statSync(join(dir, name)).ino);
  const plotter = spec('echo up; sleep 60');
  const { pid } = await launch(plotter);
  killAfterwards(pid);
  await printed(plotter, 'up');
  const alive = statSync(processFiles(plotter.dir, 'plotter').alive);
  expect(brought).toContain(alive.ino);
  expect(alive.nlink).toBe(1);
  const found = await find(plotter.dir, 'plotter');
  if (found.state !== 'running') throw new Error(`it is ${found.state}`);
  process.kill(pid, 'SIGKILL');
  expect(await found.exited).toMatchObject({ lost: true });
  expect(isRunning(pid)).toBe(false);
});

onLinux('where those that wait were killed, the command is started all the same, once', async () => {
  const { stock, dir, spec } = await fullStock();
  for (const pid of waiting(dir)) process.kill(pid, 'SIGKILL');
  const run = spec('echo run; exit 4');
  expect(await (await launch(run)).exited).toMatchObject({ code: 4 });
  expect(logOf(run)).toBe('run\n');
  await expect.poll(() => stock.size).toBeGreaterThan(0);
});

onLinux('a stock that is emptied, or whose program is killed, leaves no process', async () => {
  const { stock, dir } = await fullStock();
  stock.empty();
  await expect.poll(() => waiting(dir)).toEqual([]);
  await expect.poll(() => readdirSync(dir)).toEqual([]);

  const spec = specOf('echo up; sleep 60');
  const left = join(spec.dir, 'stock');
  const { daemon, pid } = await launchByAnother(spec, left);
  await expect.poll(() => waiting(left).length).toBeGreaterThan(1);
  await kill(daemon);
  await expect.poll(() => waiting(left)).toEqual([pid]);
});

test('what an earlier run left in its directory goes', () => {
  const dir = makeDir();
  writeFileSync(join(dir, 'left'), '');
  const stock = new WrapperStock({ dir, cwd: dir });
  expect(readdirSync(dir)).toEqual([]);
  expect(stock.size).toBe(0);
});

test('a place that can’t be written, or isn’t there, costs no command', async () => {
  const { stock, dir, spec } = await fullStock();
  chmodSync(dir, 0o500);
  const { uid } = statSync(dir);
  // To root no directory is closed: a directory is where the order would be.
  if (uid === 0) for (const name of readdirSync(dir)) mkdirSync(join(dir, name.replace(/\.alive$/, '')));
  const run = spec('exit 5');
  expect(await (await launch(run)).exited).toMatchObject({ code: 5 });
  chmodSync(dir, 0o700);

  const away = join(dir, 'away');
  const nowhere = new WrapperStock({ dir: join(dir, 'stock'), cwd: away });
  await nowhere.fill();
  expect(nowhere.size).toBe(0);
  expect(existsSync(away)).toBe(false);
  stock.empty();
});

test('the order is its owner’s alone, and gone when it is read', async () => {
  const { stock, dir, spec } = await fullStock();
  const { env, ...run } = spec('echo up; sleep 60');
  const orders = () => readdirSync(dir).filter((name) => !name.endsWith('.alive'));
  const child = stock.give({ ...run, words: [], files: processFiles(run.dir, 'plotter') }, env);
  killAfterwards(child?.pid ?? 0);
  expect(orders().map((name) => statSync(join(dir, name)).mode & 0o777)).toEqual([0o600]);
  await expect.poll(orders).toEqual([]);
  await expect.poll(() => readFileSync(processFiles(run.dir, 'plotter').log, 'utf8')).toBe('up\n');
});

test('runs in the directory that has the name now', async () => {
  const parent = makeDir();
  const cwd = join(parent, 'farm');
  mkdirSync(cwd);
  const stock = new WrapperStock({ dir: join(parent, 'stock'), cwd });
  onTestFinished(() => stock.empty());
  await stock.fill();
  renameSync(cwd, join(parent, 'old'));
  mkdirSync(cwd);
  const run = specOf('pwd -P >here', { stock, cwd });
  expect(await (await launch(run)).exited).toMatchObject({ code: 0 });
  expect(readdirSync(cwd)).toEqual(['here']);
  expect(readdirSync(join(parent, 'old'))).toEqual([]);
});

test.each([
  ['by an event', 'gone'],
  // How a system without memory refuses can't be had at will: by an exception, as it does such a name.
  ['by an exception', 'no\0name'],
])(
  'wrappers that the system refuses %s leave the stock empty, and commands start without',
  async (_how, name) => {
    const cwd = makeDir();
    const dir = join(cwd, 'stock');
    const stock = new WrapperStock({ dir, cwd: join(cwd, name) });
    await stock.fill();
    expect(stock.size).toBe(0);
    expect(readdirSync(dir)).toEqual([]);
    const run = specOf('echo run; exit 4', { stock, cwd });
    expect(await (await launch(run)).exited).toMatchObject({ code: 4 });
    expect(logOf(run)).toBe('run\n');
  },
);
