import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DISK_KEYS } from '../../../homeassistant/card/model/disks.ts';
import { daemonsOf } from '../../../homeassistant/card/model/farm.ts';
import { BRIDGE_KEYS, JOB_KEYS, MOVE_KEYS, WORKER_KEYS } from '../../../homeassistant/card/model/keys.ts';
import { roomOf } from '../../../homeassistant/card/model/room.ts';
import { stateOf } from '../../../homeassistant/card/model/values.ts';
import { workerNow } from '../../../homeassistant/card/model/worker.ts';
import { EVENT_ROWS, ENVELOPE } from '../../../src/contract/rows/events.ts';
import { ACTIVE_MOVE } from '../../../src/contract/rows/move.ts';
import { BRIDGE_ENTITIES, holdEntity, shownHolds } from '../../../src/homeassistant/entities/bridge.ts';
import { fileSystemEntities } from '../../../src/homeassistant/entities/file-systems.ts';
import { JOB_ENTITIES } from '../../../src/homeassistant/entities/job.ts';
import { MOVE_ENTITIES } from '../../../src/homeassistant/entities/move.ts';
import { phaseEntities, WORKER_ENTITIES } from '../../../src/homeassistant/entities/worker.ts';
import { cellar } from '../../support/card/farm.ts';

const CARD = join(import.meta.dirname, '../../../homeassistant/card');
const NOW = Date.parse('2026-11-26T20:00:00Z');
const NO_HOLDS = new Map<string, { title?: string }>();
const ROOT = { path: '/', shown: '/', nth: 0 };

// The daemon's tables say which keys there are: one that is renamed there is missing here.
test.each([
  ['bridge', BRIDGE_KEYS, [...BRIDGE_ENTITIES, ...shownHolds(NO_HOLDS).map(holdEntity)]],
  ['job', JOB_KEYS, JOB_ENTITIES],
  ['slot', WORKER_KEYS, [...WORKER_ENTITIES, ...phaseEntities(['One'])]],
  ['move', MOVE_KEYS, MOVE_ENTITIES],
  ['file system', Object.values(DISK_KEYS), fileSystemEntities(ROOT, 'instance')],
] as const)('each key of a %s that the card reads is one of the daemon’s', (_what, read, table) => {
  const keys: readonly string[] = table.map(({ key }) => key);
  expect(read.filter((key: string) => !keys.includes(key))).toEqual([]);
});

test('the card asks for entities by these keys alone', async () => {
  const files = (await readdir(CARD, { recursive: true })).filter((file) => file.endsWith('.ts'));
  expect(files.length).toBeGreaterThan(30);
  const others: string[] = [];
  for (const file of files) {
    const text = await readFile(join(CARD, file), 'utf8');
    if (/\bentities\s*\.get\(/.test(text) && !file.endsWith('values.ts')) others.push(file);
  }
  expect(others).toEqual([]);
});

test('each attribute that the card reads is one of the daemon’s', () => {
  const { entities, devices, states, told } = cellar(NOW);
  const [daemon] = daemonsOf(entities, devices);
  const job = daemon?.jobs.find(({ id }) => id === 'nightly');
  const [running, failed] = [job?.slots[0], job?.slots[4]];
  const filled = daemon?.disks.find(({ path }) => path === '/mnt/farm18');
  if (!daemon || !job || !running || !failed || !filled) throw new Error('no farm');

  const { problem, ...worker } = workerNow(states, running);
  expect(Object.entries(worker).filter(([, value]) => value === null)).toEqual([]);
  expect(problem).toBeNull();
  expect(worker.cause).toMatchObject({ kind: 'event', event: 'next', seq: expect.any(Number) });
  expect(workerNow(states, failed).problem).toMatch(/No space left/);
  expect(Object.values(roomOf(states, filled))).not.toContain(null);
  expect(stateOf(states, job, 'waiting_for')?.attributes.text).toMatch(/limit/);
  expect(stateOf(states, daemon, 'problem')?.attributes.problems).toEqual(told.farm.problems);

  // What of events and moves is read by name.
  expect(Object.keys({ ...ENVELOPE, ...EVENT_ROWS.event_fired.keys })).toEqual(
    expect.arrayContaining(['event_type', 'seq', 'name', 'at', 'job', 'slot', 'worker']),
  );
  expect(Object.keys(EVENT_ROWS.worker_failed.keys)).toContain('error');
  expect(Object.keys(ACTIVE_MOVE)).toEqual(expect.arrayContaining(['size', 'progress']));
});
