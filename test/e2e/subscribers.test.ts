import { describe, expect, test } from 'vitest';
import { Bus } from '../support/e2e/bus.ts';
import { BROKERS, startDaemon } from '../support/e2e/daemon.ts';
import { QUICK } from '../support/e2e/plotters.ts';

const IDS = Array.from({ length: 12 }, (_, index) => `job-${index + 1}`);

describe.each(BROKERS)('subscribers, %s broker', (broker) => {
  test('whoever subscribes amid changes ends up with what is current', async () => {
    const jobs = Object.fromEntries(IDS.map((id) => [id, QUICK]));
    const daemon = await startDaemon({ broker, config: { jobs } });
    const { bus } = daemon;
    for (let round = 1; round <= 20; round += 1) {
      const wanted = String(round);
      const late = await Bus.connect(daemon.url);
      // Its retained messages are on their way now, and so is what changes.
      const change = IDS.map((id) => late.publish(`job/${id}/set/plots_to_do`, wanted));
      await Promise.all([...change, bus.command(`job/${IDS[0]}/set/plots_to_do`, { value: wanted })]);
      await late.until(
        'each topic',
        () => IDS.every((id) => late.last(`job/${id}/average_plot_duration_s`)) || undefined,
      );
      await bus.publish('bridge/request/job/list', { transaction: round });
      await late.message('bridge/response/job/list', (text) => JSON.parse(text).transaction === round);
      const shown = IDS.map((id) => late.last(`job/${id}/plots_to_do`)?.text);
      await late.end();
      expect(shown).toEqual(IDS.map(() => wanted));
    }
  });
});
