import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { STATE_VERSION } from '../../src/engine/model/snapshot.ts';
import { sealed } from '../../src/storage/sealed.ts';
import { Bus } from '../support/e2e/bus.ts';
import { freePort } from '../support/mosquitto.ts';

const program = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const samples = fileURLToPath(new URL('../fixtures/state', import.meta.url));
const factsSchema = z.object({
  place: z.string(),
  worker: z.string(),
  plot: z.string(),
  words: z.array(z.string()),
});
type Facts = z.infer<typeof factsSchema>;

/** Where the recorded wrapper has what it runs. */
const SNIPPET = 5;
const NOBODY = '0'.repeat(96);

const running: { child: ChildProcess; facts: Facts }[] = [];
afterEach(async () => {
  for (const { child, facts } of running.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    await rm(facts.place, { recursive: true, force: true });
  }
});

/** Puts a sample where it was recorded, with today's configuration beside it. */
async function layOut(version: string): Promise<{ facts: Facts; url: string }> {
  const sample = join(samples, version);
  const facts = factsSchema.parse(JSON.parse(await readFile(join(sample, 'facts.json'), 'utf8')));
  await rm(facts.place, { recursive: true, force: true });
  for (const name of ['tmp', 'plots']) await mkdir(join(facts.place, name), { recursive: true });
  await cp(join(sample, 'data-dir'), join(facts.place, 'data'), { recursive: true });
  const port = await freePort();
  const job = { plotter: 'madmax', command: 'plot2mqtt simulate madmax', check_space: false };
  const config = {
    mqtt: { embedded: { listen: `127.0.0.1:${port}` } },
    defaults: { farmer_key: NOBODY, pool_key: NOBODY, temp_dir: 'tmp', dest_dir: 'plots' },
    jobs: { quick: { ...job, plots_to_do: 5 }, slow: { ...job, save_logs: true } },
  };
  await writeFile(join(facts.place, 'config.yaml'), JSON.stringify(config));
  return { facts, url: `mqtt://127.0.0.1:${port}` };
}

/**
 * Starts the worker's process anew as the earlier release did, word by word; what it runs says the rest of the log
 * once the file `go` is there, and makes the plot.
 */
async function startWorker(facts: Facts, version: string): Promise<void> {
  const directory = join(facts.place, 'data/workers', facts.worker);
  const said = await readFile(join(directory, 'plotter.log'), 'utf8');
  const whole = await readFile(join(samples, version, 'whole.log'), 'utf8');
  expect(whole.startsWith(said)).toBe(true);
  await writeFile(join(facts.place, 'rest'), whole.slice(said.length));
  const rest = `cd ${facts.place} && until [ -e go ]; do sleep 0.05; done && cat rest && truncate -s 110G ${facts.plot}`;
  const [shell = '', ...words] = facts.words.with(SNIPPET, rest);
  for (const ending of ['claim', 'exit']) await rm(join(directory, `plotter.${ending}`));
  const env = { ...process.env, PLOT2MQTT_WORKER: facts.worker };
  spawn(shell, words, { detached: true, stdio: 'ignore', env }).unref();
  const exit = join(directory, 'plotter.exit');
  await expect.poll(() => readFile(exit, 'utf8').catch(() => null)).not.toBeNull();
}

/** The host was restarted since, also where the sample was recorded on this one. */
async function sinceRestarted(facts: Facts): Promise<void> {
  const claim = join(facts.place, 'data/workers', facts.worker, 'plotter.claim');
  const [pid, identity = '', ...rest] = (await readFile(claim, 'utf8')).split(' ');
  const another = `00000000-0000-4000-8000-000000000000:${identity.split(':')[1]}`;
  await writeFile(claim, [pid, another, ...rest].join(' '));
}

function startDaemon(facts: Facts): ChildProcess {
  const child = spawn(process.execPath, [program, 'run'], { cwd: facts.place, stdio: 'ignore' });
  running.push({ child, facts });
  return child;
}

const versions = (await readdir(samples)).filter((name) => /^v\d+$/.test(name));

it('there is a sample of every version of the state', () => {
  const wanted = Array.from({ length: STATE_VERSION }, (_, index) => `v${index + 1}`);
  expect([...versions].sort()).toEqual(wanted);
});

describe.each(versions)('after an upgrade from state %s', (version) => {
  it('the worker is found, its plot counts once, and jobs, counters and settings are there', async () => {
    const { facts, url } = await layOut(version);
    await startWorker(facts, version);
    startDaemon(facts);
    const bus = await Bus.connect(url);
    await bus.value('bridge/state', 'online');
    const plotting = { worker: facts.worker, status: 'plotting', plot: facts.plot };
    const slot = await bus.shows('job/slow/worker/1', plotting);
    expect(slot.stage).toMatch(/^2/);
    await bus.shows('job/quick', { plots_done: 1, plots_to_do: 5, max_workers: 3 });
    await bus.shows('job/made-over-mqtt', { title: 'Made over MQTT', paused: true, plots_to_do: 7 });
    await bus.shows('bridge/stats', { workers: 1, plots_done: 1 });

    await writeFile(join(facts.place, 'go'), '');
    const end = await bus.event('worker_end', { worker: facts.worker });
    expect(end).toMatchObject({ result: 'done', plot: facts.plot });
    await bus.value('job/slow/plots_done', '1');
    const log = await readFile(join(facts.place, 'data/logs', `${facts.worker}.txt`), 'utf8');
    expect(log).toBe(await readFile(join(samples, version, 'whole.log'), 'utf8'));
    await bus.end();
  });

  it('without its process the worker fails, and nothing else is lost', async () => {
    const { facts, url } = await layOut(version);
    await sinceRestarted(facts);
    startDaemon(facts);
    const bus = await Bus.connect(url);
    await bus.value('bridge/state', 'online');
    // It ended with a host that was restarted since: that is no failure of the job.
    const end = await bus.event('worker_failed', { worker: facts.worker });
    expect(end.error).toContain('gone');
    await bus.shows('job/slow', { failures: 0, last_error: end.error });
    await bus.value('job/quick/plots_done', '1');
    await bus.end();
  });
});

it('the files of version 1 are kept as they were, until the first clean stop a week later', async () => {
  const { facts, url } = await layOut('v1');
  const kept = join(facts.place, 'data/state.v1');
  const names = ['journal.1.jsonl', 'journal.2.jsonl', 'state.json', 'state.previous.json'];
  const recorded = (name: string) => readFile(join(samples, 'v1/data-dir', name), 'utf8');
  const stop = async (child: ChildProcess) => {
    const bus = await Bus.connect(url);
    await bus.value('bridge/state', 'online');
    await bus.end();
    child.kill('SIGTERM');
    await once(child, 'exit');
  };
  await stop(startDaemon(facts));
  expect((await readdir(kept)).sort()).toEqual(names);
  for (const name of names) expect(await readFile(join(kept, name), 'utf8')).toBe(await recorded(name));
  const almost = Date.now() / 1000 - 6.9 * 24 * 3600;
  await utimes(kept, almost, almost);
  await stop(startDaemon(facts));
  expect((await readdir(kept)).sort()).toEqual(names);
  await utimes(kept, almost - 24 * 3600, almost - 24 * 3600);
  await stop(startDaemon(facts));
  expect(await readdir(join(facts.place, 'data'))).not.toContain('state.v1');
});

it('a state of a newer release is refused with a clear error, and untouched', async () => {
  const { facts } = await layOut(`v${STATE_VERSION}`);
  running.push({ child: spawn('true'), facts });
  const file = join(facts.place, 'data/state.json');
  const { crc: _, ...state } = JSON.parse(await readFile(file, 'utf8'));
  await writeFile(file, sealed({ ...state, version: STATE_VERSION + 1 }));
  const files = async () => {
    const names = (await readdir(join(facts.place, 'data')))
      .filter((name) => /^(state|journal)/.test(name))
      .sort();
    return Promise.all(
      names.map(async (name) => [name, await readFile(join(facts.place, 'data', name), 'utf8')]),
    );
  };
  const before = await files();
  const ended = await execa(process.execPath, [program, 'run'], { cwd: facts.place, reject: false });
  expect(ended.exitCode).toBe(1);
  const words = `written by a newer version of this program (state version ${STATE_VERSION + 1}, this one knows up to ${STATE_VERSION})`;
  expect(ended.stdout + ended.stderr).toContain(words);
  expect(await files()).toEqual(before);
});
