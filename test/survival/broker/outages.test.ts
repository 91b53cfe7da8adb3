import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { startDaemon } from '../../support/e2e/daemon.ts';
import { size } from '../support/size.ts';

/** Takes a daemon of its own through some outages, one after the other, each so many milliseconds long. */
async function expectBackSoon(outages: number[]): Promise<void> {
  const { bus, mosquitto } = await startDaemon({ broker: 'mosquitto' });
  for (const outage of outages) {
    await mosquitto?.kill();
    await sleep(outage);
    const mark = bus.mark();
    await mosquitto?.restart();
    const began = performance.now();
    await bus.message('bridge/state', (text) => text === 'online', mark);
    expect(performance.now() - began, `after ${outage} ms`).toBeLessThan(5_000);
  }
}

test('back within 5 s of its broker, however long that was away', async () => {
  // Two daemons at once: there is nothing to do but to wait.
  await Promise.all(size([[7_000]], [[20_000, 60_000], [180_000]]).map(expectBackSoon));
});
