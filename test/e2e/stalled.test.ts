import { rmSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { prepareDaemon } from '../support/e2e/daemon.ts';

/** Says something while there is a file `speak`, writes a temporary file while there is one `write`, and never ends. */
const PLOTTER = `while :; do
  [ ! -e speak ] || echo 'something that no pattern knows'
  [ ! -e write ] || echo x >> "tmp/plot2mqtt-$PLOT2MQTT_RUN/table"
  sleep 0.1
done
`;

async function startWith(job: Record<string, unknown>) {
  const daemon = await prepareDaemon();
  writeFileSync(daemon.path('plotter.sh'), PLOTTER);
  await daemon.configure({
    jobs: {
      j: { plotter: 'madmax', command: 'sh ./plotter.sh', check_space: false, stall_timeout: '2s', ...job },
    },
  });
  await daemon.start();
  const set = (name: 'speak' | 'write', on: boolean) => {
    if (on) writeFileSync(daemon.path(name), '');
    else rmSync(daemon.path(name));
  };
  return { daemon, bus: daemon.bus, set };
}

describe('a plotter that goes silent', () => {
  test('is stalled until its files grow, or its log does, also over a crash of the daemon', async () => {
    const { daemon, bus, set } = await startWith({ events: [{ fire: 'help', on: 'worker_stalled' }] });
    await bus.command('job/j/do/start');
    const told = await bus.event('worker_stalled');
    expect(told.silence_s).toBeGreaterThanOrEqual(2);
    await bus.event('event_fired', { name: 'help', on: 'worker_stalled' });
    const { error } = await bus.shows('job/j/worker/1', { status: 'plotting', stalled: true });
    expect(error).toMatch(/^stalled: neither its log nor its files have grown for \d+ s$/);
    await bus.shows('farm', { problems: [`worker 1 of job 'j' is ${String(error)}`] });
    await bus.until('the plain topic', () => bus.last('job/j/worker/1/stalled')?.text === 'ON' || undefined);

    set('write', true);
    await bus.event('worker_unstalled');
    await bus.shows('job/j/worker/1', { stalled: false, error: null });
    set('write', false);
    await bus.event('worker_stalled', {}, 2);

    await daemon.restart('SIGKILL');
    await bus.event('worker_recovered');
    await bus.shows('job/j/worker/1', { stalled: true });
    set('speak', true);
    await bus.event('worker_unstalled', {}, 2);
    await bus.shows('job/j/worker/1', { stalled: false, error: null });
    expect(bus.events({ type: 'worker_stalled' })).toHaveLength(2);
    await bus.command('job/j/do/dismiss');
  });

  test('is stopped with on_stall: dismiss, which is one failure that says for how long it was silent', async () => {
    const { daemon, bus } = await startWith({ on_stall: 'dismiss' });
    await bus.command('job/j/do/start');
    const { worker } = await bus.event('worker_stalled');
    const { error } = await bus.event('worker_end', { worker, result: 'failed' });
    expect(error).toMatch(/^the plotter was stopped: neither its log nor its files have grown for \d+ s$/);
    await bus.shows('job/j', { failures: 1, plots_failed: 1, workers: 0, last_error: error });
    await bus.shows('job/j/worker/1', { status: 'failed', stalled: false, error });
    expect(await daemon.lines('data', 'history.jsonl')).toHaveLength(1);
  });
});
