import { describe, expect, it, vi } from 'vitest';

import { JOB, monthLater, type RecordingBroker, short, start, topicOf } from './running.ts';

describe('Home Assistant', () => {
  const STATUS = 'homeassistant/status';

  it('gets the states again when it is born, a while later, and no documents', async () => {
    const { broker } = start({}, { one: JOB });
    broker.take();
    broker.says(STATUS, STATUS, 'online');
    broker.says(STATUS, STATUS, 'online');
    expect(broker.resent).toEqual([]);
    await vi.advanceTimersByTimeAsync(5000);
    expect(broker.resent).toHaveLength(1);
    expect(broker.take()).toEqual([]);
    const states = ['b/bridge/state', 'b/bridge/stats', 'b/host', 'b/job/one', 'b/job/one/worker/2'];
    const others = ['b/job/one/eta', 'b/bridge/info', topicOf('bridge'), 'c/job/one', 'b/bridge/response/x'];
    expect([...states, ...others].filter((topic) => broker.resent[0]?.(topic))).toEqual(states);
  });

  it('gets a document again that changed while it came up', async () => {
    const { broker, set } = start({}, { one: JOB });
    await vi.advanceTimersByTimeAsync(5000);
    set('one', { title: 'Other', slots: [1, 2] });
    await vi.advanceTimersByTimeAsync(5000);
    broker.take();
    broker.says(STATUS, STATUS, 'online');
    await vi.advanceTimersByTimeAsync(5000);
    expect(broker.take()).toEqual(['+job__one', '+job__one__worker__1', '+job__one__worker__2']);
  });

  it.each([
    ['offline', false],
    ['online', true],
  ])('is not born by %s, retained: %s', async (text, retained) => {
    const { broker } = start();
    broker.says(STATUS, STATUS, text, retained);
    await vi.advanceTimersByTimeAsync(5000);
    expect(broker.resent).toEqual([]);
  });

  describe('that was away when a job was deleted', () => {
    const gone = ['-job__one__worker__1', '-job__one__worker__2', '-job__one'];
    const repeated = ['+job__one', '+job__one__worker__1', '+job__one__worker__2'];

    async function deleted(before: (broker: RecordingBroker) => void) {
      const made = start({}, { one: JOB });
      before(made.broker);
      await vi.advanceTimersByTimeAsync(10_000);
      made.set('one', null);
      await vi.advanceTimersByTimeAsync(10_000);
      made.broker.take();
      return made;
    }

    it('sees its devices come and go when it is back', async () => {
      const { broker } = await deleted((away) => away.says(STATUS, STATUS, 'offline'));
      broker.says(STATUS, STATUS, 'online');
      await vi.advanceTimersByTimeAsync(3_000);
      const document = JSON.parse(broker.standing.get(topicOf('job__one__worker__1')) ?? '{}');
      expect(document.components.paused).toMatchObject({
        ...{ platform: 'switch', unique_id: 'plot2mqtt__i__job__one__worker__1__paused' },
        default_entity_id: 'switch.b_one_worker_1_paused',
      });
      expect(document.device.identifiers).toEqual(['plot2mqtt__i__job__one__worker__1']);
      await vi.advanceTimersByTimeAsync(20_000);
      expect(broker.take()).toEqual([...repeated, ...gone]);
      broker.says(STATUS, STATUS, 'online');
      await vi.advanceTimersByTimeAsync(20_000);
      expect(broker.take()).toEqual([]);
    });

    it.each([
      [1_000, [...repeated, ...gone]],
      [70_000, []],
    ])('sees it once more where it went %i ms later', async (later, wanted) => {
      const { broker } = await deleted((there) => there.says(STATUS, STATUS, 'online'));
      await vi.advanceTimersByTimeAsync(later);
      broker.says(STATUS, STATUS, 'offline');
      broker.says(STATUS, STATUS, 'online');
      await vi.advanceTimersByTimeAsync(20_000);
      expect(broker.take()).toEqual(wanted);
    });

    it('sees nothing of it where it was there', async () => {
      const { broker } = await deleted((there) => there.says(STATUS, STATUS, 'online'));
      broker.says(STATUS, STATUS, 'online');
      await vi.advanceTimersByTimeAsync(20_000);
      expect(broker.take()).toEqual([]);
    });

    it('counts as away from each connection on, until it says that it is there', async () => {
      const { broker } = await deleted((there) => {
        there.says(STATUS, STATUS, 'online');
        setTimeout(() => there.connects(), 5_000);
      });
      broker.says(STATUS, STATUS, 'online');
      await vi.advanceTimersByTimeAsync(20_000);
      expect(broker.take()).toEqual([...repeated, ...gone]);
    });

    it('sees it also from a later run', async () => {
      const { discovery } = await deleted(() => {});
      discovery.stop();
      const { broker } = start();
      broker.take();
      broker.says(STATUS, STATUS, 'online');
      await vi.advanceTimersByTimeAsync(20_000);
      expect(broker.take()).toEqual([...repeated, ...gone]);
    });

    it('sees the sensor of a file system come and go that went a month ago', async () => {
      const { broker, setFileSystems } = start();
      await vi.advanceTimersByTimeAsync(10_000);
      monthLater();
      setFileSystems();
      await vi.advanceTimersByTimeAsync(10_000);
      broker.published.length = 0;
      broker.says(STATUS, STATUS, 'online');
      await vi.advanceTimersByTimeAsync(20_000);
      const sensors = broker.published.map(
        ([, payload]) => JSON.parse(payload).components.free_space_mnt_farm,
      );
      expect(sensors).toEqual([
        expect.objectContaining({ unique_id: 'plot2mqtt__i__bridge__free_space_mnt_farm' }),
        { platform: 'sensor' },
        undefined,
      ]);
      broker.says(STATUS, STATUS, 'online');
      await vi.advanceTimersByTimeAsync(100_000);
      broker.published.length = 0;
      broker.says(STATUS, STATUS, 'online');
      await vi.advanceTimersByTimeAsync(20_000);
      expect(broker.take()).toEqual([]);
    });

    it('keeps the devices of a job that was made again', async () => {
      const { broker, set } = await deleted(() => {});
      broker.says(STATUS, STATUS, 'online');
      await vi.advanceTimersByTimeAsync(3_500);
      set('one', JOB);
      await vi.advanceTimersByTimeAsync(20_000);
      expect([...broker.standing].filter(([, payload]) => payload).map(([topic]) => short(topic))).toEqual([
        ...['bridge', 'job__one', 'job__one__worker__1', 'job__one__worker__2'],
      ]);
      expect(broker.standing.get(topicOf('job__one'))).toContain('"One"');
    });
  });

  it('keeps a device away that its user deleted there, until it changes', async () => {
    const { broker, set, lines } = start({}, { one: JOB, two: { title: 'Two', slots: [] } });
    await vi.advanceTimersByTimeAsync(5000);
    broker.take();
    const filter = 'homeassistant/device/+/config';
    broker.says(filter, topicOf('job__one'), '');
    broker.says(filter, topicOf('job__one'), '');
    broker.says(filter, topicOf('job__two').replace('__i__', '__another__'), '');
    broker.says(filter, topicOf('job__two'), '{}');
    expect(broker.standing.has(topicOf('job__one'))).toBe(false);
    expect(broker.standing.has(topicOf('job__two'))).toBe(true);
    expect(lines.filter((line) => line.includes('was deleted in Home Assistant'))).toHaveLength(1);
    set('one', { title: 'One', slots: [1] });
    await vi.advanceTimersByTimeAsync(5000);
    expect(broker.take()).toEqual(['-job__one__worker__2']);
    set('one', { title: 'Other', slots: [1] });
    await vi.advanceTimersByTimeAsync(5000);
    expect(broker.take()).toEqual(['+job__one', '+job__one__worker__1']);
  });
});
