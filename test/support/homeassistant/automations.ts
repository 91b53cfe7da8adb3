import { expect, onTestFinished, vi } from 'vitest';
import { startDaemon, type TestDaemon } from '../e2e/daemon.ts';
import { ENDLESS } from '../e2e/plotters.ts';
import { examplesFolder } from './examples.ts';
import { type HomeAssistant, startHomeAssistant } from './home.ts';

/** How long to wait for what comes over a broker and through Home Assistant. */
export const soon = { timeout: 60_000, interval: 100 };

/** An automation made from one of the project's blueprints, as the interface makes it. */
export function from(blueprint: string, id: string, input: object): object {
  return { id, alias: id, use_blueprint: { path: `plot2mqtt/${blueprint}.yaml`, input } };
}

/** Actions that say what they were told where the test hears it. */
export function tell(topic: string, text: string): object[] {
  return [{ action: 'mqtt.publish', data: { topic: `told/${topic}`, qos: 1, payload: text } }];
}

/** A daemon on a broker, and a Home Assistant with the project's examples on it. */
export async function startWithExamples(
  jobs: object,
  packages: Record<string, object>,
  more: { energy?: object } = {},
) {
  const config = {
    ...more,
    homeassistant: { discovery: true },
    jobs,
    plotters: { madmax: { command: ENDLESS.command } },
  };
  const daemon = await startDaemon({ broker: 'mosquitto', config });
  const files = await examplesFolder(packages);
  const home = await startHomeAssistant({ port: Number(new URL(daemon.url).port), files });
  onTestFinished(() => home.destroy());
  await reached(home, 'event.plot2mqtt_event');
  return { daemon, home, bus: daemon.bus };
}

/** Waits until entities are there and available. */
export async function reached(home: HomeAssistant, ...entities: string[]): Promise<void> {
  await vi.waitFor(async () => {
    const states = await home.states();
    for (const entity of entities) expect(states.get(entity)?.state ?? 'unavailable').not.toBe('unavailable');
  }, soon);
}

/** What automations told, in order. */
export function told(daemon: TestDaemon, topic: string): string[] {
  return daemon.bus.messages.filter((each) => each.topic === `told/${topic}`).map(({ text }) => text);
}
