import { expect, vi } from 'vitest';
import { QUICK } from '../support/e2e/plotters.ts';
import { rest } from '../support/homeassistant/api.ts';
import { soon, startWithExamples } from '../support/homeassistant/automations.ts';
import { testWithFiles } from '../support/homeassistant/examples.ts';

testWithFiles(
  'the scripts create, limit and delete jobs, and show the answers',
  { timeout: 300_000 },
  async () => {
    const { home, bus } = await startWithExamples({ nightly: QUICK }, {});
    const run = async (script: string, fields: object) => {
      const path = `/api/services/script/plot2mqtt_${script}?return_response`;
      const { service_response } = await rest<{ service_response: object }>(home, path, fields);
      return service_response;
    };
    const notes = async () => {
      const shown = await home.command<{ message: string; title: string }[]>('persistent_notification/get');
      return shown
        .filter(({ title }) => title === 'plot2mqtt')
        .map(({ message }) => message.replace(/\s+/g, ' '));
    };

    const weekend = {
      id: 'weekend',
      title: 'Weekend plots',
      plotter: 'madmax',
      enabled: false,
      plots_to_do: 5,
    };
    expect(await run('create_job', { ...weekend, more: { nice: 5, check_space: false } })).toEqual({
      status: 'ok',
    });
    await bus.shows('job/weekend', {
      title: 'Weekend plots',
      enabled: false,
      plots_to_do: 5,
      max_workers: 1,
    });
    const definition = await bus.command('bridge/request/job/get', { id: 'weekend' });
    expect(definition).toMatchObject({ data: { job: { nice: 5, arguments: {} } } });
    expect(await run('create_job', weekend)).toMatchObject({
      status: 'error',
      error: { code: 'job_exists' },
    });

    expect(await run('limit_job', { id: 'weekend', max_workers: 3 })).toEqual({ status: 'ok' });
    await bus.shows('job/weekend', { max_workers: 3, plots_to_do: 5 });
    expect(await run('limit_job', { id: 'nightly', plots_to_do: 7 })).toEqual({ status: 'ok' });
    expect(await run('limit_job', { id: 'nobody', plots_to_do: 7 })).toMatchObject({
      error: { code: 'unknown_job' },
    });

    expect(await run('delete_job', { id: 'nightly' })).toMatchObject({ error: { code: 'not_allowed' } });
    await bus.command('job/weekend/do/start');
    expect(await run('delete_job', { id: 'weekend' })).toMatchObject({ error: { code: 'not_allowed' } });
    expect(await run('delete_job', { id: 'weekend', dismiss: true })).toEqual({ status: 'ok' });
    await vi.waitFor(
      async () => expect(await home.state('switch.plot2mqtt_weekend_paused')).toBeUndefined(),
      soon,
    );

    const said = await notes();
    expect(said).toHaveLength(8);
    for (const text of [
      'The job "weekend" is there.',
      'The job "weekend" has its new limits.',
      'The job "weekend" is deleted.',
    ])
      expect(said).toContain(text);
    expect(
      said.filter((text) => /^Refused \((job_exists|unknown_job|not_allowed)\): \S/.test(text)),
    ).toHaveLength(4);
  },
);
