import { expect, it } from 'vitest';
import { Renewal } from '../../../../src/daemon/publishing/renewal.ts';
import { readOwner } from '../../../../src/storage/instance.ts';
import { temporaryDirectory } from '../../../support/directory.ts';
import { collectingLog } from '../../storage/support/log.ts';

/** An installation whose state takes a new instance only when its disk does. */
function installation() {
  const dataDir = temporaryDirectory();
  const { log } = collectingLog();
  const said: string[] = [];
  const asked: string[] = [];
  let instance = 'former';
  const renewal = new Renewal({
    dataDir,
    instance: () => instance,
    take: (next) => asked.push(next),
    leave: () => said.push('leave'),
    changed: () => said.push(`changed to ${instance}`),
    log,
  });
  const diskTakesIt = () => {
    instance = asked.at(-1) ?? instance;
    renewal.look();
  };
  return { dataDir, renewal, said, asked, diskTakesIt };
}

it('says nothing of a new instance before the state has it, and then all of it once', () => {
  const { dataDir, renewal, said, asked, diskTakesIt } = installation();
  renewal.begin(() => said.push('taken'));
  renewal.look();
  expect(said).toEqual(['leave']);
  expect(readOwner(dataDir)).toBeNull();
  diskTakesIt();
  renewal.look();
  const [next] = asked;
  expect(said).toEqual(['leave', `changed to ${next}`, 'taken']);
  expect(readOwner(dataDir)).toMatchObject({ instance: next });
});

it('draws no other one while the first is on its way, however often it is found out', () => {
  const { renewal, said, asked, diskTakesIt } = installation();
  for (let times = 0; times < 3; times += 1) renewal.begin(() => said.push('taken'));
  expect(asked).toHaveLength(1);
  diskTakesIt();
  expect(said.filter((word) => word === 'taken')).toHaveLength(1);
  // One that is copied again is a copy again.
  renewal.begin(() => {});
  expect(new Set(asked).size).toBe(2);
});
