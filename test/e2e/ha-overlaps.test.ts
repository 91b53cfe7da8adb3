import { expect, onTestFinished, vi } from 'vitest';
import { BROKERS, startDaemon } from '../support/e2e/daemon.ts';
import { QUICK } from '../support/e2e/plotters.ts';
import { from, reached, soon, tell, told } from '../support/homeassistant/automations.ts';
import { examplesFolder, testWithFiles } from '../support/homeassistant/examples.ts';
import { startHomeAssistant } from '../support/homeassistant/home.ts';

const ENDS = 5;

/** An automation on an MQTT topic that says when it hears something. */
function onTopic(id: string, topic: string): object {
  const queued = { mode: 'queued', max: 100 };
  return {
    id,
    alias: id,
    ...queued,
    triggers: [{ trigger: 'mqtt', topic }],
    actions: tell(id, '{{ trigger.topic }}'),
  };
}

// Home Assistant tells its subscriptions apart by the identifiers of MQTT 5.
testWithFiles.each(BROKERS)(
  'wildcards, topics, event entities and blueprints hear the same event, %s broker',
  { timeout: 300_000 },
  async (broker) => {
    const daemon = await startDaemon({
      broker,
      config: { homeassistant: { discovery: true }, jobs: { quick: { ...QUICK, plots_to_do: 1 } } },
    });
    const entity = 'event.plot2mqtt_quick_event';
    const files = await examplesFolder({
      automations: {
        automation: [
          onTopic('wildcard', 'plot2mqtt/job/+/event/job_end'),
          onTopic('all', 'plot2mqtt/job/quick/event/#'),
          onTopic('topic', 'plot2mqtt/job/quick/event/job_end'),
          from('notify', 'blueprint', {
            jobs: { entity_id: [entity] },
            tell: tell('blueprint', '{{ moment }}'),
          }),
        ],
      },
    });
    const home = await startHomeAssistant({ port: Number(new URL(daemon.url).port), files });
    onTestFinished(() => home.destroy());
    await reached(home, entity);
    // Triggers on topics weren't set up before MQTT was.
    await home.restart();
    await reached(home, entity);
    for (let count = 1; count <= ENDS; count += 1) {
      await daemon.bus.command('job/quick/do/reset');
      await daemon.bus.command('job/quick/do/start');
      await daemon.bus.event('job_end', { job: 'quick' }, count);
      await vi.waitFor(() => {
        const ends = (id: string) => told(daemon, id).filter((text) => text.endsWith('job_end'));
        const heard = ['wildcard', 'all', 'topic', 'blueprint'].map((id) => [id, ends(id).length]);
        expect(heard).toEqual([
          ['wildcard', count],
          ['all', count],
          ['topic', count],
          ['blueprint', count],
        ]);
      }, soon);
    }
  },
);
