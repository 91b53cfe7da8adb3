import { expect, it } from 'vitest';
import { PresentDiscovery } from '../../../../src/daemon/publishing/present-discovery.ts';
import { JOB, start } from '../../homeassistant/running.ts';

it('publishes nothing between the instance that is somebody else’s and the next', () => {
  const made: ReturnType<typeof start>[] = [];
  const present = new PresentDiscovery(() => {
    const each = start({ instance: made.length === 0 ? 'i' : 'j' }, { one: JOB });
    made.push(each);
    return each.discovery;
  });
  present.leave();
  present.start();
  expect(made).toEqual([]);
  present.instanceChanged();
  expect(made).toHaveLength(1);
  expect(made[0]?.broker.take()).not.toEqual([]);
  present.leave();
  present.start();
  expect(made).toHaveLength(1);
  present.instanceChanged();
  expect(made).toHaveLength(2);
});
