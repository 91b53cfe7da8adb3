import { describe, expect, it } from 'vitest';
import { loaded, problemsOf } from './support.ts';

describe('energy', () => {
  it('is read', async () => {
    const { config } = await loaded(
      'energy: { power_topic: home/rig/power, power_key: ENERGY.Power, idle_watts: 140, price: 0.31,' +
        ' price_topic: /tariff/, price_key: now, stale: 5m }\n',
    );
    expect(config.energy).toEqual({
      ...{ power_topic: 'home/rig/power', power_key: 'ENERGY.Power', idle_watts: 140 },
      ...{ price: 0.31, price_topic: '/tariff/', price_key: 'now', stale: 300 },
    });
    expect((await loaded('energy: {}\n')).config.energy).toEqual({});
    expect((await loaded('log_level: info\n')).config.energy).toEqual({});
  });

  it.each([
    ['energy: { price: 0.31 }', /energy\.price: "price" needs "power_topic"/],
    ['energy: { idle_watts: 1 }', /energy\.idle_watts: .*needs "power_topic"/],
    ['energy: { power_topic: a, price_key: b }', /energy\.price_key: .*needs "price_topic"/],
    ['energy: { power_topic: "a/#" }', /energy\.power_topic: .*wildcards/],
    ['energy: { power_topic: "" }', /energy\.power_topic: must not be empty/],
    ['energy: { power_topic: plot2mqtt/host }', /energy\.power_topic: lies inside/],
    ['energy: { power_topic: a, price_topic: plot2mqtt }', /energy\.price_topic: lies inside/],
    ['energy: { power_topic: a, idle_watts: -1 }', /energy\.idle_watts: must be at least 0/],
    ['energy: { power_topic: a, price: -0.1 }', /energy\.price: must be at least 0/],
    ['energy: { power_topic: a, stale: 0 }', /energy\.stale: more than nothing/],
    ['energy: { power_topic: a, power_kee: b }', /energy\.power_kee: .*power_key/],
  ])('%s is wrong', async (text, message) => {
    expect(await problemsOf(`${text}\n`)).toEqual([expect.stringMatching(message)]);
  });

  it('may name a topic beside its own', async () => {
    await loaded('mqtt: { base_topic: rig }\nenergy: { power_topic: rig2/power }\n');
  });
});
