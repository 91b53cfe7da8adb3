import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The files that take longest, the longest ones first, each below test/. What isn't here comes after them. */
export const LONGEST = [
  'e2e/homeassistant-restarts.test.ts',
  'e2e/ha-dashboards.test.ts',
  'e2e/ha-card.test.ts',
  'e2e/ha-blueprints.test.ts',
  'e2e/ha-holds.test.ts',
  'e2e/homeassistant.test.ts',
  'e2e/ha-farms.test.ts',
  'e2e/container.test.ts',
  'e2e/systemd.test.ts',
  'e2e/ha-overlaps.test.ts',
  'e2e/demo.test.ts',
  'e2e/node-red.test.ts',
  'e2e/node-red-command.test.ts',
  'survival/moving/disks.test.ts',
  'survival/moving/replotting.test.ts',
  'survival/plots/endings.test.ts',
  'survival/disks/many-disks.test.ts',
  'survival/kill/kill.test.ts',
  'survival/broker/broker.test.ts',
  'survival/moving/kills.test.ts',
  'survival/state/damage.test.ts',
  'survival/broker/outages.test.ts',
  'survival/broker/neighbours.test.ts',
  'survival/claim/namespaces.test.ts',
  'survival/soak/soak.test.ts',
  'survival/input/broker-memory.test.ts',
  'survival/input/broker-places.test.ts',
  'survival/input/commands.test.ts',
  'survival/processes/processes.test.ts',
  'survival/input/config.test.ts',
  'unit/storage/claim.test.ts',
  'unit/mqtt/connection/connection.test.ts',
  'unit/simulator/failures.test.ts',
] as const;

/** The same files, those of the list above in its order before the others, which stay as they are. */
export function longestFirst<File extends { moduleId: string }>(files: readonly File[]): File[] {
  return [...files].sort((one, other) => placeOf(one.moduleId) - placeOf(other.moduleId));
}

function placeOf(file: string): number {
  const place = LONGEST.findIndex((name) => file.endsWith(`/test/${name}`));
  return place === -1 ? LONGEST.length : place;
}

/**
 * Starts the longest files first, so that all workers end at about the same time. Vitest knows durations of earlier
 * runs only, and there are none in a fresh clone; those of the quick versions say nothing about the long ones.
 */
export default class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return longestFirst(await super.sort(files));
  }
}
