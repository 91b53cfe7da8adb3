// Records what this release leaves on the disk when it is killed in mid-plot: the sample by which later releases
// prove that they take it over (test/fixtures/state/README.md). Run it once for each version of the state.
//
//   node scripts/record-state.mjs VERSION
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import mqtt from 'mqtt';

const version = Number(process.argv[2]);
const root = fileURLToPath(new URL('..', import.meta.url));
// State has absolute names in it, and lines have checksums: the sample is used where it was recorded.
const place = `/var/tmp/plot2mqtt-state-v${version}`;
const port = 21899;
const KEY = '0'.repeat(96);
const job = (speed) => ({
  plotter: 'madmax',
  command: `plot2mqtt simulate madmax --speed ${speed}`,
  check_space: false,
});

rmSync(place, { recursive: true, force: true });
for (const name of ['tmp', 'plots', 'fixture']) mkdirSync(join(place, name), { recursive: true });
const config = {
  mqtt: { embedded: { listen: `127.0.0.1:${port}` } },
  defaults: { farmer_key: KEY, pool_key: KEY, temp_dir: 'tmp', dest_dir: 'plots' },
  jobs: { quick: { ...job(50_000), plots_to_do: 5 }, slow: { ...job(500), save_logs: true } },
};
writeFileSync(join(place, 'config.yaml'), JSON.stringify(config));

const run = () =>
  spawn(process.execPath, [join(root, 'dist/main.js'), 'run'], { cwd: place, stdio: 'inherit' });
const ended = (child) => new Promise((resolve) => child.once('exit', resolve));
let daemon = run();
const client = mqtt.connect(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 50, protocolVersion: 5 });
const seen = new Map();
let look = () => {};
client.on('message', (topic, payload) => {
  seen.set(topic, payload.toString());
  look();
});
client.on('error', () => {});
const until = (holds) =>
  new Promise((resolve) => {
    look = () => holds() && resolve();
    look();
  });
const value = (topic, wanted) => until(() => seen.get(`plot2mqtt/${topic}`) === wanted);
const say = (topic, payload) => client.publishAsync(`plot2mqtt/${topic}`, payload, { qos: 1 });

await new Promise((resolve) => client.once('connect', resolve));
client.on('connect', () => client.subscribe('#', { qos: 1 }));
await client.subscribeAsync('#');
await value('bridge/state', 'online');
await say('job/quick/do/start', '');
await value('job/quick/plots_done', '1');
await say('job/quick/set/max_workers', '3');
const made = { id: 'made-over-mqtt', title: 'Made over MQTT', ...job(1), plots_to_do: 7 };
delete made.command;
await say('bridge/request/job/create', JSON.stringify(made));
await say('job/made-over-mqtt/set/paused', 'ON');
await value('job/made-over-mqtt/paused', 'ON');
await say('job/slow/do/start', '');
await until(() => seen.get('plot2mqtt/job/slow/worker/1/stage')?.startsWith('1.2'));
// A clean stop writes a snapshot with the worker in it; what follows stands in the journal.
daemon.kill('SIGTERM');
await ended(daemon);
daemon = run();
await until(() => seen.get('plot2mqtt/job/slow/worker/1/stage')?.startsWith('2'));

const { worker, pid } = JSON.parse(seen.get('plot2mqtt/job/slow/worker/1'));
const directory = join(place, 'data/workers', worker);
const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
daemon.kill('SIGKILL');
await ended(daemon);
client.end(true);
const target = join(root, `test/fixtures/state/v${version}`);
rmSync(target, { recursive: true, force: true });
// FIFOs, the socket, the claim and the reserve belong to processes that are gone.
const isOfProcess = (path) =>
  /lock|waiting|reserve/.test(path) || !(statSync(path).isFile() || statSync(path).isDirectory());
cpSync(join(place, 'data'), join(target, 'data-dir'), {
  recursive: true,
  filter: (path) => !isOfProcess(path),
});

// The plotter goes on by itself; what it says then is what the next daemon has to read.
const exit = join(directory, 'plotter.exit');
while (readFileSync(exit, 'utf8').trim() === '') await new Promise((resolve) => setTimeout(resolve, 100));
cpSync(join(directory, 'plotter.log'), join(target, 'whole.log'));
const [plot] = readdirSync(join(place, 'plots'))
  .map((name) => join(place, 'plots', name))
  .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
writeFileSync(join(target, 'facts.json'), `${JSON.stringify({ place, worker, plot, words }, null, 2)}\n`);
rmSync(place, { recursive: true, force: true });
