import { mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hashOf } from '../../../../src/cli/homeassistant/installed.ts';
import { runHomeAssistant } from '../../../../src/cli/homeassistant/run-homeassistant.ts';

const BLUEPRINT = 'blueprints/automation/plot2mqtt/notify.yaml';
const PLACES = {
  'dist/plot2mqtt.js': 'www/plot2mqtt.js',
  'homeassistant/blueprints/automation/plot2mqtt/notify.yaml': BLUEPRINT,
  'homeassistant/packages/plot2mqtt.yaml': 'packages/plot2mqtt.yaml',
  'homeassistant/dashboard.yaml': 'plot2mqtt/dashboard.yaml',
};

let lab: string;
let said: string[];
let problems: string[];

beforeEach(async () => {
  lab = await mkdtemp(join(tmpdir(), 'copy-'));
  for (const name of Object.keys(PLACES)) await put(`program/${name}`, `first ${name}`);
  await put('program/homeassistant/README.md', 'not for Home Assistant');
  await put('ha/configuration.yaml', 'homeassistant:\n  packages: !include_dir_named packages\n');
});
afterEach(() => rm(lab, { recursive: true, force: true }));

async function put(name: string, text: string): Promise<void> {
  await mkdir(dirname(join(lab, name)), { recursive: true });
  await writeFile(join(lab, name), text);
}

const get = (name: string) => readFile(join(lab, name), 'utf8');

function run(): number {
  [said, problems] = [[], []];
  const listen = { out: (line: string) => said.push(line), problem: (line: string) => problems.push(line) };
  return runHomeAssistant(join(lab, 'ha'), join(lab, 'program'), listen);
}

describe('plot2mqtt homeassistant', () => {
  it('copies card, blueprints, package and dashboards, for any account to read', async () => {
    expect(run()).toBe(0);
    for (const [from, to] of Object.entries(PLACES)) {
      expect(await get(`ha/${to}`)).toBe(`first ${from}`);
      expect((await stat(join(lab, 'ha', to))).mode & 0o777).toBe(0o644);
    }
    await expect(stat(join(lab, 'ha/plot2mqtt/README.md'))).rejects.toThrow();
    expect(said.filter((line) => line.endsWith(': new'))).toHaveLength(4);
  });

  it('replaces what it put there itself, and nothing the second time', async () => {
    run();
    await put('program/dist/plot2mqtt.js', 'second');
    expect(run()).toBe(0);
    expect(await get('ha/www/plot2mqtt.js')).toBe('second');
    expect(said).toContain('www/plot2mqtt.js: replaced');
    expect(run()).toBe(0);
    expect(said[0]).toBe('4 of 4 files are there as they are shipped.');
  });

  it('leaves what was changed by hand, over any number of runs, until it is removed', async () => {
    run();
    await put(`ha/${BLUEPRINT}`, 'mine');
    for (const text of ['second', 'third']) {
      await put('program/homeassistant/blueprints/automation/plot2mqtt/notify.yaml', text);
      expect(run()).toBe(0);
      expect(await get(`ha/${BLUEPRINT}`)).toBe('mine');
      expect(said.join('\n')).toMatch(`${BLUEPRINT}: left as it is`);
    }
    await rm(join(lab, 'ha', BLUEPRINT));
    run();
    expect(await get(`ha/${BLUEPRINT}`)).toBe('third');
  });

  it('leaves what somebody else put there, links too, but knows what is the same', async () => {
    await put(`ha/${BLUEPRINT}`, 'somebody’s');
    await put('ha/packages/plot2mqtt.yaml', 'first homeassistant/packages/plot2mqtt.yaml');
    await mkdir(join(lab, 'ha/www'));
    await symlink(join(lab, 'elsewhere.js'), join(lab, 'ha/www/plot2mqtt.js'));
    expect(run()).toBe(0);
    expect(await get(`ha/${BLUEPRINT}`)).toBe('somebody’s');
    await expect(stat(join(lab, 'elsewhere.js'))).rejects.toThrow();
    await put('program/homeassistant/packages/plot2mqtt.yaml', 'second');
    run();
    expect(await get('ha/packages/plot2mqtt.yaml')).toBe('second');
  });

  it('removes what is shipped no more, unless it was changed', async () => {
    const folder = 'homeassistant/blueprints/automation/plot2mqtt';
    for (const name of ['old', 'changed']) await put(`program/${folder}/${name}.yaml`, 'old');
    run();
    await put('ha/blueprints/automation/plot2mqtt/changed.yaml', 'mine');
    for (const name of ['old', 'changed']) await rm(join(lab, 'program', folder, `${name}.yaml`));
    expect(run()).toBe(0);
    await expect(stat(join(lab, 'ha/blueprints/automation/plot2mqtt/old.yaml'))).rejects.toThrow();
    expect(await get('ha/blueprints/automation/plot2mqtt/changed.yaml')).toBe('mine');
    run();
    expect(said.join('\n')).not.toMatch('changed.yaml');
  });

  it('refuses another directory, and a program that was not built, and writes nothing then', async () => {
    await rm(join(lab, 'ha/configuration.yaml'));
    expect(run()).toBe(1);
    expect(problems.join()).toMatch(/has no configuration\.yaml/);
    await put('ha/configuration.yaml', '');
    await rm(join(lab, 'program/dist/plot2mqtt.js'));
    expect(run()).toBe(1);
    expect(problems.join()).toMatch(/dist\/plot2mqtt\.js/);
    await expect(stat(join(lab, 'ha/packages'))).rejects.toThrow();
  });

  it('says where it can’t write, and goes on there the next time', async () => {
    await put('ha/packages', 'a file in the way');
    expect(run()).toBe(1);
    expect(problems.join()).toMatch(/packages\/plot2mqtt\.yaml can't be written/);
    await rm(join(lab, 'ha/packages'));
    await put('program/dist/plot2mqtt.js', 'second');
    expect(run()).toBe(0);
    expect(await get('ha/www/plot2mqtt.js')).toBe('second');
  });

  it('does not go by a list that it has not written', async () => {
    run();
    const list = JSON.stringify({
      version: '1',
      files: { '../configuration.yaml': hashOf(Buffer.from('')) },
    });
    await put('ha/plot2mqtt/.installed.json', list);
    expect(run()).toBe(1);
    expect(problems.join()).toMatch(/\.installed\.json/);
  });
});

describe('what is left to do', () => {
  const card = `/local/plot2mqtt.js?v=${hashOf(Buffer.from('first dist/plot2mqtt.js')).slice(0, 8)}`;
  const resource = (url: string) =>
    put('ha/.storage/lovelace_resources', JSON.stringify({ data: { items: [{ url, type: 'module' }] } }));

  it('is all of it at first', async () => {
    await put('ha/configuration.yaml', 'default_config:\n');
    run();
    const steps = said.at(-1)?.split(/\n(?=\d\.)/);
    expect(steps).toEqual([
      'Left to do:',
      expect.stringMatching(/packages: !include_dir_named packages/),
      expect.stringMatching(/Restart Home Assistant/),
      expect.stringContaining(card),
      expect.stringMatching(/Community dashboards/),
    ]);
  });

  it('is nothing where Home Assistant’s own files have it', async () => {
    await resource(card);
    await put('ha/.storage/lovelace.plotting', '{"strategy": {"type": "custom:plot2mqtt"}}');
    run();
    run();
    expect(said.at(-1)).toBe('Nothing is left to do.');
  });

  it('is the address of a card that has changed, so that no browser keeps the old one', async () => {
    await resource('/local/plot2mqtt.js?v=00000000');
    run();
    expect(said.at(-1)).toContain(`change "/local/plot2mqtt.js?v=00000000" to ${card}`);
  });
});
