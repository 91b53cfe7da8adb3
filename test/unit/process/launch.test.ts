import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { availableCpus } from '../../../src/process/cpus.ts';
import { processFiles } from '../../../src/process/files.ts';
import { find } from '../../../src/process/find.ts';
import { type LaunchSpec, launch as launchBy } from '../../../src/process/launch.ts';
import { snippetWithArguments } from '../../../src/process/snippet.ts';
import { CLAIM_TAKEN } from '../../../src/process/wrapper.ts';
import { WrapperStock } from '../../../src/process/wrapper-stock.ts';
import { killAfterwards, logOf, makeDir, printed, specOf } from './support.ts';

const onLinux = test.runIf(process.platform === 'linux');

const ended = (code: number) => ({
  code,
  lost: false,
  endedAt: expect.any(Number),
  endedUptime: expect.any(Number),
});

async function launchFromStock(spec: LaunchSpec) {
  const stock = new WrapperStock({ dir: makeDir(), cwd: spec.cwd });
  onTestFinished(() => stock.empty());
  await stock.fill();
  const give = vi.spyOn(stock, 'give');
  const launched = await launchBy({ ...spec, stock });
  const given = give.mock.results[0]?.value;
  // Of several at once one has the claim. CPUs and niceness can't be given to one that waits, and what runs already
  // isn't started again.
  if (given) expect(given.pid === launched.pid || given.exitCode === CLAIM_TAKEN).toBe(true);
  else expect(spec.cpus !== undefined || give.mock.calls.length === 0).toBe(true);
  return launched;
}

describe.each([
  ['started for it', launchBy],
  ['from the stock', launchFromStock],
])('a wrapper %s:', (_, launch) => {
  describe('words', () => {
    test('arrive as they are and execute nothing', async () => {
      const words = [
        'two words',
        "it's",
        '"quoted"',
        '$(touch injected)',
        '`touch injected`',
        '; touch injected',
        'line\nbreak',
        '*',
        '$HOME',
        '-n',
        '',
        'ünïcödé ☘',
      ];
      const spec = specOf(snippetWithArguments("cd . && printf '<%s>'"), { words });
      const { exited } = await launch(spec);
      expect(await exited).toEqual(ended(0));
      expect(logOf(spec)).toBe(words.map((word) => `<${word}>`).join(''));
      expect(existsSync(join(spec.dir, 'injected'))).toBe(false);
    });

    test('go where the snippet wants them', async () => {
      const spec = specOf(snippetWithArguments('echo "$@" last'), { words: ['first'] });
      await (await launch(spec)).exited;
      expect(logOf(spec)).toBe('first last\n');
    });
  });

  describe('exit status', () => {
    test.each([
      ['exit 0', 0],
      ['exit 7', 7],
      ['exit 254', 254],
      ['no-such-plotter', 127],
      ['kill -KILL $$', 137],
      ['kill -ABRT $$', 134],
      ['if then', 2],
    ])('of "%s" is %i', async (snippet, code) => {
      const spec = specOf(snippet);
      const { exited } = await launch(spec);
      expect(await exited).toEqual(ended(code));
      expect(await find(spec.dir, 'plotter')).toMatchObject({ state: 'ended', exit: { code, lost: false } });
    });

    test('tells when it ended', async () => {
      const spec = specOf('true');
      const { exited, startedAt } = await launch(spec);
      const { endedAt } = await exited;
      expect(endedAt).toBe(statSync(processFiles(spec.dir, 'plotter').exit).mtimeMs);
      expect(endedAt).toBeGreaterThanOrEqual(startedAt);
    });
  });

  describe('surroundings', () => {
    test('environment, directory, no input, and both outputs in their order', async () => {
      const spec = specOf('pwd -P; echo "$PLOT2MQTT_SLOT" >&2; cat; set | grep -c ^p2m_; printf "$HOME"');
      const cwd = join(spec.dir, '.');
      await (await launch({ ...spec, cwd, env: { ...spec.env, PLOT2MQTT_SLOT: '3' } })).exited;
      expect(logOf(spec).split('\n').slice(1)).toEqual(['3', '0', process.env.HOME ?? '']);
    });

    test('without a worker of its own too', async () => {
      const { exited } = await launch(specOf('exit 3', { env: { PLOT2MQTT_WORKER: '' } }));
      expect(await exited).toEqual(ended(3));
    });

    test('the files are their owner’s alone, what the command makes is not changed', async () => {
      const spec = specOf('echo x >made; umask');
      await (await launch(spec)).exited;
      for (const file of Object.values(processFiles(spec.dir, 'plotter'))) {
        expect(statSync(file).mode & 0o777).toBe(0o600);
      }
      expect(Number.parseInt(logOf(spec), 8)).toBe(process.umask());
    });

    onLinux('a session and a process group of its own', async () => {
      const spec = specOf('read -r stat </proc/self/stat; echo "$stat"');
      const { pid, exited } = await launch(spec);
      await exited;
      const [, , , , group, session] = logOf(spec).split(' ');
      expect([group, session]).toEqual([String(pid), String(pid)]);
    });

    onLinux('the command holds nothing of its wrapper’s', async () => {
      const spec = specOf('ls -l /proc/$$/fd');
      await (await launch(spec)).exited;
      expect(logOf(spec)).not.toMatch(/\.alive|\.claim|\.exit/);
      expect(logOf(spec).match(/ -> .*plotter\.log/g)).toHaveLength(2);
    });

    onLinux('niceness, CPUs and the score for the out-of-memory killer', async () => {
      const cpu = availableCpus().at(-1) ?? 0;
      const spec = specOf(
        'cat /proc/self/stat /proc/self/oom_score_adj; grep Cpus_allowed_list /proc/self/status',
        {
          cpus: [cpu],
          nice: 3,
          oomScoreAdj: 700,
        },
      );
      await (await launch(spec)).exited;
      const [stat, score, allowed] = logOf(spec).split('\n');
      const nice = Number(readFileSync('/proc/self/stat', 'utf8').split(') ')[1]?.split(' ')[16]);
      expect(stat?.split(') ')[1]?.split(' ')[16]).toBe(String(nice + 3));
      expect(score).toBe('700');
      expect(allowed).toBe(`Cpus_allowed_list:\t${cpu}`);
    });

    onLinux('the wrapper is tied to the CPUs too, but not marked for the out-of-memory killer', async () => {
      const cpu = availableCpus()[0] ?? 0;
      const spec = specOf('echo up; sleep 60', { cpus: [cpu], oomScoreAdj: 700 });
      const { pid, group } = await launch(spec);
      killAfterwards(pid);
      expect(readFileSync(`/proc/${pid}/status`, 'utf8')).toContain(`Cpus_allowed_list:\t${cpu}\n`);
      expect(readFileSync(`/proc/${pid}/oom_score_adj`, 'utf8')).not.toBe('700\n');
      await printed(spec, 'up');
      await group.terminate(5_000);
    });
  });

  describe('at most once', () => {
    test('a second launch takes over the first', async () => {
      const spec = specOf('echo run; read -r x <go');
      const first = await launch({ ...spec, snippet: `mkfifo go; ${spec.snippet}` });
      killAfterwards(first.pid);
      await printed(spec, 'run');
      const second = await launch(spec);
      expect(second.pid).toBe(first.pid);
      writeFileSync(join(spec.dir, 'go'), 'go\n');
      expect(await second.exited).toEqual(ended(0));
      const third = await launch(spec);
      expect(third.pid).toBe(first.pid);
      expect(await third.exited).toEqual(await first.exited);
      expect(logOf(spec)).toBe('run\n');
    });

    test('of ten launches at once one runs', async () => {
      const spec = specOf('echo run');
      const all = await Promise.all(Array.from({ length: 10 }, () => launch(spec)));
      expect(new Set(all.map((launched) => launched.pid)).size).toBe(1);
      for (const launched of all) expect(await launched.exited).toEqual(ended(0));
      expect(logOf(spec)).toBe('run\n');
    });

    test('the processes of a worker are independent', async () => {
      const pre = specOf('echo pre', { kind: 'pre' });
      const post = specOf('echo post; exit 4', { kind: 'post', dir: pre.dir });
      expect(await (await launch(pre)).exited).toEqual(ended(0));
      expect(await (await launch(post)).exited).toEqual(ended(4));
      expect(await find(pre.dir, 'plotter')).toEqual({ state: 'absent' });
      expect([logOf(pre), logOf(post)]).toEqual(['pre\n', 'post\n']);
    });
  });

  describe('what can’t be started', () => {
    test('says why, and has run nothing', async () => {
      const spec = specOf('true');
      await expect(launch({ ...spec, cwd: join(spec.dir, 'missing') })).rejects.toThrow(
        /could not be started: .*missing/s,
      );
      await expect(launch({ ...spec, dir: join(spec.dir, 'missing') })).rejects.toThrow(
        'could not be started',
      );
      expect(await find(spec.dir, 'plotter')).toEqual({ state: 'absent' });
    });

    onLinux('names the CPU that is missing', async () => {
      await expect(launch(specOf('true', { cpus: [0, 4095] }))).rejects.toThrow(
        'CPU 4095 is not available on this host',
      );
    });
  });
});
