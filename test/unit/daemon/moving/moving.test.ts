import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { moveSchema } from '../../../../src/config/schema/move.ts';
import { Places } from '../../../../src/daemon/effects/places.ts';
import { Moving } from '../../../../src/daemon/moving/moving.ts';
import type { Input } from '../../../../src/engine/inputs.ts';
import { PlotHistory } from '../../../../src/storage/plot-records.ts';
import { temporaryDirectory } from '../../../support/directory.ts';
import { Bench } from '../../engine/bench.ts';
import { transferWith } from '../../engine/moving/moving.ts';

const transferTo = (to: string, filesystem: string) =>
  transferWith({ to, filesystem, step: 'waiting', pinned: true });

function moving() {
  const root = temporaryDirectory();
  const to = join(root, 'farm1', 'plots');
  mkdirSync(to, { recursive: true });
  const told: Input[] = [];
  const { state, settings } = new Bench({});
  const places = new Places({ disks: () => [], matched: () => ({}), onMatched: () => {} });
  const parts = new Moving({
    ...{ state, dataDir: root, program: '/nothing', quietMs: 0, take: (input) => told.push(input) },
    ...{ putOff: () => false, postpone: () => false, log: pino({ enabled: false }) },
    clock: { now: () => 0, at: () => 0 },
    settings: () => ({
      ...settings,
      moves: new Map([
        ['farm', moveSchema.parse({ from: join(root, 'stage'), to: join(root, 'farm*', 'plots') })],
      ]),
    }),
    places,
    records: new PlotHistory(join(root, 'history.jsonl')),
  });
  return { parts, places, state, told, to };
}

test('where a transfer goes to is found anew, whatever its file system was known by', async () => {
  const { parts, places, state, told, to } = moving();
  const found = await places.find([to], { withinMs: 4000 });
  const filesystem = found.get(to)?.[0]?.filesystem?.key ?? '';
  state.transfers.set('farm-x', transferTo(to, 'of another boot'));
  await parts.locate('farm-x');
  expect(told).toEqual([{ type: 'transfer_located', transfer: 'farm-x', filesystem }]);
  state.transfers.set('farm-x', transferTo(to, filesystem));
  await parts.locate('farm-x');
  expect(told).toHaveLength(1);
});

test('where a transfer goes to is told only while it is there', async () => {
  const { parts, state, told, to } = moving();
  state.transfers.set('farm-x', transferTo(`${to}-away`, 'of another boot'));
  await parts.locate('farm-x');
  await parts.locate('farm-y');
  expect(told).toEqual([]);
});
