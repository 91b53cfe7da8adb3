import { chmodSync, chownSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { expect, inject, onTestFinished, test } from 'vitest';
import { prepareDaemon, startDaemon } from '../../support/e2e/daemon.ts';
import { STEPPING_JOB } from '../../support/e2e/plotters.ts';
import { fill } from '../support/fill.ts';
import { handlesOf, rssOf } from '../support/processes.ts';
import { CAN_MOUNT, mountDisk } from '../support/tmpfs.ts';

const NOBODY = 65534;
const AS_NOBODY = ['setpriv', '--reuid', `${NOBODY}`, '--regid', `${NOBODY}`, '--clear-groups'];

test('a daemon whose broker is away is healthy; over MQTT it is not', async () => {
  const daemon = await startDaemon({ broker: 'mosquitto' });
  expect(await daemon.run(['health'])).toMatchObject({ code: 0, stdout: 'the daemon answers\n' });
  expect(await daemon.run(['health', '--mqtt'])).toMatchObject({ code: 0, stdout: 'the daemon answers\n' });
  await daemon.mosquitto?.stop();
  expect(await daemon.run(['health'])).toMatchObject({ code: 0 });
  expect(await daemon.run(['health', '--mqtt'])).toMatchObject({ code: 1 });
});

test('a daemon that came up without its broker is healthy', async () => {
  const daemon = await prepareDaemon({ broker: 'mosquitto' });
  await daemon.mosquitto?.stop();
  daemon.launch();
  await expect.poll(async () => (await daemon.run(['health'])).code, { timeout: 10_000 }).toBe(0);
});

test.skipIf(!CAN_MOUNT)('a daemon whose disk has become full is healthy', async () => {
  const daemon = await prepareDaemon({ config: { jobs: { job: STEPPING_JOB } } });
  const disk = mountDisk(daemon.path('data'), '2m');
  chmodSync(disk.path, 0o700);
  await daemon.start();
  fill(daemon.path('data', 'ballast'));
  void daemon.bus.command('job/job/do/start').catch(() => {});
  expect(await daemon.run(['health'])).toMatchObject({ code: 0 });
  rmSync(daemon.path('data', 'ballast'));
});

test('one that hangs is not, and is told within 5 s', async () => {
  const daemon = await startDaemon();
  daemon.signal('SIGSTOP');
  const began = performance.now();
  expect(await daemon.run(['health'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('no answer within'),
  });
  expect(performance.now() - began).toBeLessThan(7_000);
  daemon.signal('SIGCONT');
  expect(await daemon.run(['health'])).toMatchObject({ code: 0 });
  await daemon.kill();
  expect(await daemon.run(['health'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('no daemon works on'),
  });
});

test('it needs no more of the file than data_dir', async () => {
  const daemon = await startDaemon();
  await daemon.configure({ mqtt: { password: `\${NOT_SET}`, nonsense: 1 }, data_dir: daemon.path('data') });
  expect(await daemon.run(['health'])).toMatchObject({ code: 0 });
});

test('a data_dir that is a secret is not shown', async () => {
  const daemon = await prepareDaemon({
    files: { 'secrets.yaml': 'place: hidden-place' },
  });
  writeFileSync(daemon.configFile, 'data_dir: !secret place');
  const ended = await daemon.run(['health']);
  expect(ended).toMatchObject({ code: 1, stderr: expect.stringMatching(/no daemon works on .*\*\*\*/) });
  expect(ended.stderr).not.toContain('hidden-place');
});

test('a socket whose path is too long lies elsewhere, and is found', async () => {
  const name = 'x'.repeat(100);
  const run = await prepareDaemon();
  const env = { XDG_RUNTIME_DIR: run.dir };
  const daemon = await startDaemon({ config: { data_dir: name }, env });
  expect((await daemon.lines(name, 'socket'))[0]?.startsWith(run.path('plot2mqtt'))).toBe(true);
  expect(await daemon.run(['health'])).toMatchObject({ code: 0 });
  // The note says where, whatever is set here.
  expect(await daemon.run(['health'], { env: { XDG_RUNTIME_DIR: '' } })).toMatchObject({ code: 0 });
  expect(await daemon.stop()).toBe(0);
  expect(await daemon.lines(name, 'socket')).toEqual([]);
});

test('without data_dir in the file it is the daemon that says it runs this file', async () => {
  const daemon = await startDaemon();
  const other = await prepareDaemon();
  // Where the other's state would be is this one's, which runs another file.
  const env = { STATE_DIRECTORY: daemon.path('data') };
  expect(await daemon.run(['health', '--config', other.configFile], { env })).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(`no daemon works on ${daemon.path('data')}, `),
  });
  expect(await other.run(['health', '--config', daemon.configFile], { env })).toMatchObject({ code: 0 });
});

test('an account that may not ask is told which one may', async (context) => {
  if (process.getuid?.() !== 0) return context.skip('only root can become another account');
  const daemon = await startDaemon();
  chmodSync(daemon.dir, 0o755);
  chmodSync(dirname(inject('program')), 0o755);
  const ended = await daemon.run(['health'], { wrapper: AS_NOBODY });
  expect(ended).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/this account may not ask it .*: run this as root/),
  });
  expect((await daemon.run(['health'])).code).toBe(0);
});

test("root may ask any account's daemon", async (context) => {
  if (process.getuid?.() !== 0) return context.skip('only root can become another account');
  const daemon = await prepareDaemon();
  for (const name of ['', 'tmp', 'plots', 'config.yaml']) chownSync(daemon.path(name), NOBODY, NOBODY);
  chmodSync(dirname(inject('program')), 0o755);
  daemon.through = AS_NOBODY;
  await daemon.start();
  expect(await daemon.run(['health'])).toMatchObject({ code: 0 });
});

test('clients that are silent, endless or many: the daemon goes on, and answers', async () => {
  const daemon = await startDaemon();
  const path = daemon.path('data', 'daemon.sock');
  const before = { handles: handlesOf(daemon.pid).length, rss: rssOf(daemon.pid) };
  const line = Buffer.alloc(1024 * 1024, 'x');
  for (let count = 0; count < 300; count++) {
    const socket = connect(path).on('error', () => {});
    onTestFinished(() => void socket.destroy());
    if (count % 3 === 0) socket.write(line);
    if (count % 3 === 1) socket.pause().write('{"type":"claim"}\n'.repeat(90));
  }
  expect(await daemon.run(['health'])).toMatchObject({ code: 0 });
  await expect.poll(() => handlesOf(daemon.pid).length - before.handles).toBeLessThanOrEqual(32);
  expect(rssOf(daemon.pid) - before.rss).toBeLessThan(60);
  expect(await daemon.bus.command('bridge/request/job/list')).toMatchObject({ status: 'ok' });
});
