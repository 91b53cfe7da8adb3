import { describe, expect, it } from 'vitest';
import { loaded, problemsOf } from './support.ts';

const job = (at: string) =>
  `jobs:\n  a:\n    plotter: madmax\n    events: [{ fire: next, at: ${at}, on: worker_end }]\n`;

describe('a named event for another daemon', () => {
  it('is taken with the base topic of that one', async () => {
    const { config } = await loaded(`mqtt: { base_topic: rig }\n${job('rig2')}`);
    expect(config.jobs.a?.events).toEqual([{ fire: 'next', at: 'rig2', on: 'worker_end' }]);
    await loaded(job('home/plot2mqtt'));
  });

  it.each([
    ['plot2mqtt', '', /own base topic: without 'at' the event fires here$/],
    ['rig1', 'mqtt: { base_topic: rig1 }\n', /own base topic/],
    ['farm/rig1/more', 'mqtt: { base_topic: farm/rig1 }\n', /lies inside .*'farm\/rig1'/],
    ['farm', 'mqtt: { base_topic: farm/rig1 }\n', /lies above .*'farm\/rig1'/],
    ['"rig/+"', '', /wildcards/],
    ['rig/', '', /slash/],
    ['"$SYS"', '', /"\$"/],
    ['""', '', /must not be empty/],
    ['2', '', /expected text: put it in quotes/],
  ])('at %s is wrong', async (at, mqtt, message) => {
    const problems = await problemsOf(`${mqtt}${job(at)}`);
    expect(problems).toEqual([expect.stringMatching(message)]);
    expect(problems[0]).toMatch(/jobs\.a\.events\[0\]\.at: /);
  });

  it('can be no secret: topics hide nothing', async () => {
    const problems = await problemsOf(job('!secret rig'), { secrets: 'rig: rig-two\n' });
    expect(problems).toEqual([expect.stringMatching(/can be no secret/)]);
  });
});
