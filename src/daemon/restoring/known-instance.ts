import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { State } from '../../engine/model/state.ts';
import { readOwner } from '../../storage/instance.ts';

/** Ids of Home Assistant's devices have the instance in them. */
const IN_DEVICE = /plot2mqtt__([0-9a-f]{6,32})__/;
/** So have the ids of events. */
const IN_EVENT = /^([0-9a-f]{6,32})-/;

/**
 * The instance of this directory, from whatever still says it: the state, the file beside it, the records of workers
 * (`others`), events, what Home Assistant was told. `null` where nothing does.
 */
export function instanceOf(dataDir: string, state: State, others: readonly string[]): string | null {
  if (state.instance !== '') return state.instance;
  const owner = readOwner(dataDir);
  if (owner !== null && owner !== 'damaged') return owner.instance;
  const [first] = [
    ...others,
    ...state.unacked.map(({ id }) => IN_EVENT.exec(id)?.[1]).filter((id) => id !== undefined),
  ];
  return first ?? inHomeAssistant(dataDir);
}

function inHomeAssistant(dataDir: string): string | null {
  try {
    return IN_DEVICE.exec(readFileSync(join(dataDir, 'homeassistant.json'), 'utf8'))?.[1] ?? null;
  } catch {
    return null;
  }
}
