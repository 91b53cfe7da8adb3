import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { connectClient } from '../support/mqtt-client.ts';
import { takeOverExample } from '../support/product/demo.ts';
import { MAJORS, nodeOf, npmScript, pathWith } from '../support/product/nodes.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const packs = z.array(
  z.object({
    filename: z.string(),
    size: z.number(),
    unpackedSize: z.number(),
    version: z.string(),
    files: z.array(z.object({ path: z.string(), mode: z.number() })),
  }),
);

let lab: string;
let tarball: string;
let pack: z.infer<typeof packs>[number];

beforeAll(async () => {
  lab = await mkdtemp(join(tmpdir(), 'npm-'));
  // What its scripts print is no JSON, so they run by themselves.
  await execa('npm', ['run', '--silent', 'prepack'], { cwd: root });
  const { stdout } = await execa('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', lab], {
    cwd: root,
  });
  const [only] = packs.parse(JSON.parse(stdout));
  if (only === undefined) throw new Error('npm packed nothing');
  pack = only;
  tarball = join(lab, pack.filename);
});
afterAll(() => rm(lab, { recursive: true, force: true }));

/** Everything that belongs into the package. */
const BELONGS = [
  /^(package\.json|README\.md|LICENSE|CHANGELOG\.md|SECURITY\.md|config\.yaml)$/,
  /^docs\/(README|[a-z-]+)\.md$/,
  /^docs\/config\.schema\.json$/,
  /^homeassistant\/(?!card\/)/,
  /^dist\/(main|program)\.js(\.map)?$/,
  /^dist\/(bin\/plot2mqtt|LICENSES\.txt|plot2mqtt\.js)$/,
];

describe('the package', () => {
  it('holds only what is needed', () => {
    const strangers = pack.files.filter(({ path }) => !BELONGS.some((pattern) => pattern.test(path)));
    expect(strangers).toEqual([]);
    const paths = pack.files.map(({ path }) => path);
    expect(paths).toEqual(
      expect.arrayContaining([
        ...['config.yaml', 'docs/config.schema.json', 'docs/README.md', 'docs/install.md'],
        ...['dist/main.js', 'dist/program.js', 'dist/LICENSES.txt', 'dist/plot2mqtt.js'],
      ]),
    );
    expect(paths.some((path) => path.startsWith('homeassistant/'))).toBe(true);
    expect(pack.size).toBeLessThan(1.5e6);
  });

  it('names no directory of the machine that packed it', async () => {
    const unpacked = await mkdtemp(join(lab, 'unpacked-'));
    await execa('tar', ['-xzf', tarball, '-C', unpacked]);
    const places = [root, tmpdir(), homedir()].map((place) => place.replace(/\/$/, ''));
    for (const { path } of pack.files) {
      const text = await readFile(join(unpacked, 'package', path), 'latin1');
      const named = places.filter(
        // A directory: `/tmp/plot2mqtt-<uid>` alone is where the daemon's socket lies at worst.
        (place) => new RegExp(`${place}/(plot2mqtt[\\w.-]*/|dist)`).test(text),
      );
      expect(named, path).toEqual([]);
    }
  });

  it('holds the pages that its pages lead to', async () => {
    const paths = pack.files.map(({ path }) => path).filter((path) => path.endsWith('.md'));
    for (const page of paths) {
      const text = await readFile(join(root, page), 'utf8');
      const links = [...text.matchAll(/\]\((?!\w+:)([\w./-]+\.md)/g)].map(([, link = '']) => link);
      // How to work on the program is of no use without its source.
      const missing = links
        .map((link) => join(dirname(page), link))
        .filter((link) => !paths.includes(link) && link !== 'CONTRIBUTING.md');
      expect(missing, page).toEqual([]);
    }
  });

  it('installs nothing beside itself, and holds the licence of each package that is in it', async () => {
    const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
    expect(manifest.dependencies ?? {}).toEqual({});
    const licences = await readFile(join(root, 'dist/LICENSES.txt'), 'utf8');
    for (const name of ['aedes', 'mqtt', 'node-os-utils', 'pino', 'yaml', 'zod'])
      expect(licences).toMatch(new RegExp(`^${name} \\d.*\\(\\w`, 'm'));
    expect(licences).not.toContain('holds no text of its licence');
  });
});

describe.each(MAJORS)('installed globally on Node.js %i', (major) => {
  let prefix: string;
  let shipped: string;
  let env: { PATH: string };
  const plot2mqtt = (words: string[], options: { cwd?: string; env?: Record<string, string> } = {}) =>
    execa('plot2mqtt', words, { cwd: lab, reject: false, ...options, env: { ...env, ...options.env } });

  beforeAll(async () => {
    prefix = join(lab, `prefix-${major}`);
    shipped = join(prefix, 'lib/node_modules/plot2mqtt');
    const node = await nodeOf(major);
    env = pathWith(node, join(prefix, 'bin'));
    const words = ['install', '--global', '--prefix', prefix, '--no-audit', '--no-fund', tarball];
    await execa(node, [await npmScript(), ...words], { cwd: lab, env });
  });

  it('has the command plot2mqtt, which runs on that Node.js', async () => {
    const { stdout: version } = await execa('node', ['-p', 'process.version'], { env });
    expect(version).toMatch(new RegExp(`^v${major}\\.`));
    expect((await plot2mqtt(['--version'])).stdout).toBe(pack.version);
    expect((await plot2mqtt(['--help'])).stdout).toContain('plot2mqtt simulate PLOTTER');
    expect((await stat(join(prefix, 'bin/plot2mqtt'))).isFile()).toBe(true);
  });

  it('ships the schema, an example config.yaml and the files for Home Assistant', async () => {
    const schema = await readFile(join(shipped, 'docs/config.schema.json'), 'utf8');
    expect(JSON.parse((await plot2mqtt(['schema'])).stdout)).toEqual(JSON.parse(schema));
    expect(existsSync(join(shipped, 'homeassistant'))).toBe(true);
    expect(existsSync(join(shipped, 'config.yaml'))).toBe(true);
  });

  it('runs the example: a plot is made, health says yes, and it stops cleanly', async () => {
    const directory = join(lab, `demo-${major}`);
    await mkdir(directory);
    const { file, url } = await takeOverExample(join(shipped, 'config.yaml'), directory);
    expect(await plot2mqtt(['check', '--config', file])).toMatchObject({ exitCode: 0 });
    const daemon = plot2mqtt(['run', '--config', file]);
    const client = await connectPatiently(url);
    await expect.poll(() => client.last('plot2mqtt/job/demo/plots_done'), { timeout: 60_000 }).toBe('1');
    expect(await plot2mqtt(['health', '--config', file])).toMatchObject({ exitCode: 0 });
    await client.end();
    daemon.kill('SIGTERM');
    expect(await daemon).toMatchObject({ exitCode: 0 });
    expect(await plot2mqtt(['health', '--config', file])).toMatchObject({ exitCode: 1 });
  });

  it('says where to begin when there is no config.yaml, and init writes one that it takes', async () => {
    const directory = join(lab, `fresh-${major}`);
    await mkdir(directory);
    const without = await plot2mqtt(['run'], { cwd: directory });
    expect(without).toMatchObject({ exitCode: 2 });
    expect(without.stderr).toContain('plot2mqtt init');
    const home = { HOME: directory };
    expect(await plot2mqtt(['init'], { cwd: directory, env: home })).toMatchObject({ exitCode: 0 });
    expect(await plot2mqtt(['check'], { cwd: directory, env: home })).toMatchObject({ exitCode: 0 });
    expect(await plot2mqtt(['init'], { cwd: directory, env: home })).toMatchObject({ exitCode: 1 });
    const unit = await plot2mqtt(['service', 'print'], { cwd: directory });
    expect(unit.stdout).toContain(
      `${dirname(shipped)}/plot2mqtt/dist/main.js run --config ${directory}/config.yaml`,
    );
  });
});

/** The daemon's own broker listens a moment after its start. */
async function connectPatiently(url: string): ReturnType<typeof connectClient> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await connectClient(url);
    } catch (error) {
      if (attempt === 200) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
