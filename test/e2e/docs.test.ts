import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Bus } from '../support/e2e/bus.ts';
import { freePort } from '../support/mosquitto.ts';
import { blocksOf } from '../support/product/blocks.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const pages = ['README.md', ...readdirSync(join(root, 'docs')).map((name) => join('docs', name))].filter(
  (name) => name.endsWith('.md'),
);

/** A move that the pages speak of. It moves nothing. */
const FARM = 'moves: { farm: { from: done, to: farm, enabled: false } }\n';

/** A job of the name that the pages use for one's own; simulated, beside the demo. */
const NIGHTLY = `  nightly:
    plotter: madmax
    command: plot2mqtt simulate madmax --speed 200
    check_space: false
    arguments: { temp_dir: demo/tmp, dest_dir: demo/plots, farmer_key: "${'0'.repeat(96)}", pool_key: "${'0'.repeat(96)}" }
`;

/** A key that readers have to fill in. */
const PLACEHOLDER = /^ +(farmer_key|pool_key|pool_contract): \S*….*$/gm;

/** A daemon with the repository's configuration, and a shell in which `plot2mqtt` and Mosquitto's tools mean it. */
async function startDemo() {
  const place = await mkdtemp(join(tmpdir(), 'docs-'));
  const port = await freePort();
  for (const name of ['bin', 'demo/tmp', 'demo/plots']) await mkdir(join(place, name), { recursive: true });
  await symlink(join(root, 'dist'), join(place, 'dist'));
  const text = await readFile(join(root, 'config.yaml'), 'utf8');
  const config = text.replace('127.0.0.1:1883', `127.0.0.1:${port}`).replace(/^jobs:$/m, `jobs:\n${NIGHTLY}`);
  await writeFile(join(place, 'config.yaml'), `${config}\n${FARM}`);
  const program = join(root, 'dist/main.js');
  const tools = {
    plot2mqtt: `exec '${process.execPath}' '${program}' "$@"`,
    mosquitto_pub: `exec /usr/bin/mosquitto_pub -p ${port} "$@"`,
    // Who reads along with the documentation ends it by Ctrl-C.
    mosquitto_sub: `/usr/bin/mosquitto_sub -p ${port} -W 2 "$@"; code=$?; [ $code -eq 27 ] || exit $code`,
  };
  for (const [name, line] of Object.entries(tools))
    await writeFile(join(place, 'bin', name), `#!/bin/sh\n${line}\n`, { mode: 0o755 });
  const daemon = spawn(process.execPath, [program, 'run'], { cwd: place, stdio: 'ignore' });
  const bus = await Bus.connect(`mqtt://127.0.0.1:${port}`);
  onTestFinished(async () => {
    for (const job of ['demo', 'nightly']) await bus.command(`job/${job}/do/dismiss`);
    await bus.end();
    const exited = once(daemon, 'exit');
    daemon.kill('SIGTERM');
    await exited;
    await rm(place, { recursive: true, force: true });
  });
  await bus.value('bridge/state', 'online');
  await bus.shows('job/demo', { workers: 1 });
  const env = { PATH: `${join(place, 'bin')}:${process.env.PATH}` };
  return {
    bus,
    shell: (script: string) => execa('bash', ['-euc', script], { cwd: place, env, reject: false }),
  };
}

describe.each(pages)('%s', (page) => {
  const text = readFileSync(join(root, page), 'utf8');
  const blocks = blocksOf(text);
  const commands = blocks.filter(({ language }) => language === 'sh');
  const here = commands.filter(({ runBy }) => runBy === null);

  it.skipIf(here.length === 0)('its commands work, and none is refused', async () => {
    const { bus, shell } = await startDemo();
    for (const { text: script, line } of here) {
      const { exitCode, stderr } = await shell(script);
      expect({ exitCode, stderr: exitCode === 0 ? '' : stderr, line }).toEqual({
        exitCode: 0,
        stderr: '',
        line,
      });
    }
    const refused = bus.messages.filter(
      ({ topic, text: answer }) => topic.includes('bridge/response') && answer.includes('"status":"error"'),
    );
    expect(refused.map(({ topic, text: answer }) => `${topic} ${answer}`)).toEqual([]);
  });

  it('what is not run here is run by a test that is there', () => {
    for (const { runBy } of commands)
      if (runBy !== null) expect(existsSync(join(root, runBy)), runBy).toBe(true);
    for (const { language } of blocks) expect(['sh', 'yaml', '']).toContain(language);
  });

  it('its configurations are valid', async () => {
    for (const { text: config, line } of blocks.filter(({ language }) => language === 'yaml')) {
      const place = await mkdtemp(join(tmpdir(), 'docs-'));
      onTestFinished(() => rm(place, { recursive: true, force: true }));
      await writeFile(join(place, 'config.yaml'), config.replace(PLACEHOLDER, ''));
      const { stdout } = await execa(
        process.execPath,
        ['dist/main.js', 'check', '-c', join(place, 'config.yaml')],
        {
          cwd: root,
          reject: false,
        },
      );
      // What this machine lacks, and keys and directories that are left out, are not the page's.
      const wrong = stdout
        .split('\n')
        .filter((said) => /^\S+:\d+:\d+: (?!warning)/.test(said))
        .filter((said) => !/is missing|does not exist|can't start|expected 96|must|is no valid/.test(said));
      expect({ line, wrong }).toEqual({ line, wrong: [] });
    }
  });

  it('its links lead somewhere', () => {
    for (const [, target = ''] of text.matchAll(/\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)/g))
      expect(existsSync(join(root, page, '..', target)), target).toBe(true);
  });
});

it('the job that the tour makes can start', async () => {
  const { bus, shell } = await startDemo();
  const tour = blocksOf(readFileSync(join(root, 'README.md'), 'utf8')).find(({ text }) =>
    text.includes('job/create'),
  );
  const [made = ''] = /^KEY=.*\n[^\n]*job\/create(?:.|\n)*?\}'$/m.exec(tour?.text ?? '') ?? [];
  expect(await shell(made)).toMatchObject({ exitCode: 0 });
  await bus.message('job/second', (text) => text !== '');
  expect(await bus.command('job/second/do/start')).toMatchObject({ status: 'ok' });
});

it('pages that the program writes are up to date', async () => {
  const check = await execa(process.execPath, ['scripts/docs.mjs', '--check'], { cwd: root, reject: false });
  expect(check).toMatchObject({ exitCode: 0, stderr: '' });
});
