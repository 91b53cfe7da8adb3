import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { expectClean, PLOT, plotting, waitFor } from '../support/plotting.ts';

/** What plots is in a session and group of its own, as under `timeout` or a shell with job control. */
const APART = `cat >apart.sh <<'END'
echo $$ >pid.$PLOT2MQTT_WORKER
while :; do echo x >>work.$PLOT2MQTT_WORKER; sleep 0.01; done
END
setsid -f sh apart.sh
`;

const started = async (end: string, job: Record<string, unknown> = {}) => {
  const daemon = await plotting(`${APART}echo "stage 1"\n${end}`, job);
  const { worker } = await daemon.bus.event('stage_started');
  const pid = () => Number(readFileSync(daemon.path(`pid.${worker}`), 'utf8'));
  await expect.poll(pid).toBeGreaterThan(1);
  const state = () => /\) (\S) /.exec(stat(pid()))?.[1] ?? 'gone';
  /** How much it works in a moment; a process that waits for a suspended child has any state. */
  const work = async () => {
    const size = () => statSync(daemon.path(`work.${worker}`)).size;
    const before = size();
    await sleep(100);
    return size() - before;
  };
  return { daemon, state, work };
};

function stat(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return '';
  }
}

test('a plotter in a group of its own is suspended with its worker, over a restart too, and goes on', async () => {
  const { daemon, state, work } = await started('sleep 600\n');
  const { bus } = daemon;
  await expect.poll(work).toBeGreaterThan(0);
  await bus.command('job/job/set/paused', { value: true });
  await bus.shows('job/job/worker/1', { status: 'paused' });
  await expect.poll(work).toBe(0);
  await daemon.restart();
  expect(await work()).toBe(0);
  await bus.command('job/job/set/paused', { value: false });
  await expect.poll(work).toBeGreaterThan(0);
  expect(await bus.command('job/job/do/dismiss')).toMatchObject({ status: 'ok' });
  expect(state()).toMatch(/gone|Z/);
  await expectClean(daemon);
});

test('it ends with the plotter that ends well, and with one that was killed', async () => {
  const { daemon, state } = await started(waitFor('go') + PLOT);
  writeFileSync(daemon.path('go'), '');
  await daemon.bus.event('worker_end', { result: 'done' });
  expect(state()).toMatch(/gone|Z/);
  await expectClean(daemon);
});

test('what a post-command leaves in the background goes on', async () => {
  const daemon = await plotting(PLOT, { post_command: 'setsid -f sh -c "echo \\$\\$ >left; exec sleep 60"' });
  await daemon.bus.event('worker_end', { result: 'done', error: null });
  await expect.poll(() => Number(readFileSync(daemon.path('left'), 'utf8'))).toBeGreaterThan(1);
  expect(stat(Number(readFileSync(daemon.path('left'), 'utf8')))).not.toBe('');
});
