import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test, vi } from 'vitest';
import { startMosquitto } from '../../support/mosquitto.ts';
import { type DaemonProcess, spawnDaemon, stopDaemon } from '../support/daemon.ts';
import { processesWith } from '../support/processes.ts';
import { type Random, randomFrom } from '../support/random.ts';
import { rounds } from '../support/size.ts';
import { makeFarm } from './farm.ts';
import { type Ledger, openLedger } from './ledger.ts';
import { chooseMoment, type Moment } from './moments.ts';
import { verdict } from './verdict.ts';

const KILLS = Number(process.env.KILLS ?? rounds(12, 200));
const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000);
/** A life ends so late at the latest. */
const LIFE_MS = 1500;

const broker = await startMosquitto({ config: 'allow_anonymous true\nmax_queued_messages 0' });
afterAll(() => broker.stop());

test(`${KILLS} kills at bad moments, seed ${SEED}`, { timeout: 600_000 }, async () => {
  const random = randomFrom(SEED);
  const farm = makeFarm(broker.url);
  const ledger = await openLedger(broker.url);
  const diary: string[] = [];
  let daemon = spawnDaemon(farm.config);
  for (let kill = 1; kill <= KILLS; kill += 1) {
    const moment = chooseMoment(random, farm, ledger);
    const hand = meddle(random, ledger);
    await life(daemon, moment, random);
    hand.abort();
    diary.push(`${kill}: ${moment.name}`);
    if (/unhandled|TypeError|ReferenceError|\b(?:lost|damaged|missing)\b/i.test(daemon.output()))
      diary.push(daemon.output());
    daemon = spawnDaemon(farm.config);
  }
  await calm(ledger, daemon);
  const code = await stopDaemon(daemon);
  await ledger.client.endAsync();
  const faults = verdict(farm, ledger);
  if (code !== 0) faults.push(`the last daemon ended with ${code}: ${daemon.output()}`);
  const left = processesWith(farm.folder);
  if (left.length > 0) faults.push(`still running: ${left}`);
  const plots = farm.plots().length;
  console.log(
    `${KILLS} kills, seed ${SEED}: ${plots} plots, ${ledger.events.length} events, ${ledger.repeats} repeats`,
  );
  expect(faults, `seed ${SEED}, in ${farm.folder}\n${diary.join('\n')}`).toEqual([]);
  expect(plots).toBeGreaterThan(0);
  farm.remove();
});

/** Lets the daemon live until its moment comes, then kills it; now and then while it stops by itself. */
async function life(daemon: DaemonProcess, moment: Moment, random: Random): Promise<void> {
  const enough = new AbortController();
  const late = sleep(LIFE_MS, undefined, { signal: enough.signal }).catch(() => undefined);
  let stop = () => {};
  const come = new Promise<void>((resolve) => {
    stop = moment.wait(resolve);
  });
  await Promise.race([come, late, daemon.exited]);
  stop();
  enough.abort();
  if (random.next() < 0.1) {
    daemon.signal('SIGTERM');
    await Promise.race([sleep(random.between(0, 60)), daemon.exited]);
  }
  daemon.signal('SIGKILL');
  await daemon.exited;
}

/** Somebody starts and dismisses workers by hand, and ends runs after their present plot, while the daemon lives. */
function meddle(random: Random, { client }: Ledger): AbortController {
  const end = new AbortController();
  const steps = Array.from({ length: 4 }, () => ({ wait: random.between(100, 500), what: random.next() }));
  void (async () => {
    for (const { wait, what } of steps) {
      await sleep(wait, undefined, { signal: end.signal });
      if (what < 0.6) client.publish('plot2mqtt/job/doomed/do/start', '');
      else if (what < 0.7) client.publish('plot2mqtt/job/doomed/worker/1/do/dismiss', '');
      else if (what < 0.8) client.publish('plot2mqtt/job/series/set/enabled', what < 0.75 ? 'OFF' : 'ON');
      else client.publish('plot2mqtt/job/doomed/do/dismiss', '');
    }
  })().catch(() => {});
  return end;
}

/** Ends the chain, and waits until every delay has passed and every worker has ended. */
async function calm(ledger: Ledger, daemon: DaemonProcess): Promise<void> {
  const { retained, client } = ledger;
  await vi.waitFor(() => expect(retained.get('plot2mqtt/bridge/state')).toBe('online'), { timeout: 20_000 });
  retained.delete('plot2mqtt/bridge/state');
  await client.publishAsync('plot2mqtt/job/source/set/enabled', 'OFF', { qos: 1 });
  let quietSince = performance.now();
  let events = -1;
  await vi.waitFor(
    () => {
      if (!daemon.running()) return;
      if (ledger.events.length !== events) quietSince = performance.now();
      events = ledger.events.length;
      const stats: { workers: number } = JSON.parse(retained.get('plot2mqtt/bridge/stats') ?? '{}');
      expect(stats.workers).toBe(0);
      expect(performance.now() - quietSince).toBeGreaterThan(2_500);
    },
    { timeout: 60_000, interval: 100 },
  );
}
