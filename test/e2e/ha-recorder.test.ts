import { expect, onTestFinished, test, vi } from 'vitest';
import { installChia, VALID_KEY } from '../support/chia/install.ts';
import { startDaemon } from '../support/e2e/daemon.ts';
import { startHomeAssistant } from '../support/homeassistant/home.ts';
import { inStep, SOON } from '../support/homeassistant/in-step.ts';

/** Rows of one plot at most, and of those that are neither progress nor ETA (contract, section 6). */
const MOST = { all: 160, others: 40 };

interface Row {
  s: string;
  a?: Record<string, unknown>;
}

test('one real plot adds few rows to the recorder, and reads like a story in the logbook', {
  timeout: 600_000,
}, async () => {
  const chia = await installChia();
  const job = {
    ...{ plotter: 'chia', title: 'Nightly plots', plots_to_do: 10 },
    arguments: { k: 20, farmer_key: VALID_KEY, pool_key: VALID_KEY, memory_mib: 200 },
  };
  const daemon = await startDaemon({
    config: {
      ...{ homeassistant: { discovery: true }, plotters: { chia: { command: chia.command } } },
      jobs: { nightly: job },
    },
  });
  const { bus } = daemon;
  const home = await startHomeAssistant({ port: Number(new URL(daemon.url).port) });
  onTestFinished(() => home.destroy());
  await inStep(home, daemon, { nightly: 1 });
  const start_time = new Date().toISOString();

  await bus.command('job/nightly/do/start');
  // A real plot takes its time where others use the processors too.
  await vi.waitFor(() => expect(bus.events({ type: 'worker_end' })).toHaveLength(1), {
    ...{ timeout: 400_000, interval: 500 },
  });
  await inStep(home, daemon, { nightly: 1 });

  const enabled = (await home.entities()).filter(({ disabled_by }) => disabled_by === null);
  const entity_ids = enabled.map(({ entity_id }) => entity_id);
  const recorded = () =>
    home.command<Record<string, Row[]>>('history/history_during_period', {
      ...{ start_time, entity_ids, include_start_time_state: false },
      ...{ significant_changes_only: false, minimal_response: false, no_attributes: false },
    });
  // What was seen is written down some seconds later.
  const rows = await vi.waitFor(async () => {
    const history = await recorded();
    expect(history['sensor.plot2mqtt_nightly_plots_done']?.at(-1)?.s).toBe('1');
    expect(history['event.plot2mqtt_nightly_event']?.at(-1)?.a?.event_type).toBe('worker_end');
    return history;
  }, SOON);
  const counts = Object.entries(rows).map(([id, all]): [string, number] => [id, all.length]);
  const sum = (those: [string, number][]) => those.reduce((all, [, count]) => all + count, 0);
  const others = counts.filter(([id]) => !/_(progress|eta)$/.test(id));
  const table = counts.map(([id, count]) => `${count} ${id}`).join('\n');
  expect(sum(others), table).toBeLessThanOrEqual(MOST.others);
  expect(sum(counts), table).toBeLessThanOrEqual(MOST.all);

  const told = (entity: string) => (rows[entity] ?? []).map(({ a }) => a?.event_type);
  expect(told('event.plot2mqtt_event')).toEqual(['worker_end']);
  expect(told('event.plot2mqtt_nightly_event')).toEqual([
    ...['worker_started', 'plotter_started', 'plotter_finished', 'worker_end'],
  ]);
  const phases = (rows['sensor.plot2mqtt_nightly_worker_1_phase'] ?? []).map(({ s }) => s);
  expect(phases.length).toBeGreaterThanOrEqual(5);
  expect(await home.warnings()).toEqual([]);
});
