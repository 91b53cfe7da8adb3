import { type Effect, type ReplotQuery, replotKey, type WantedDirectory } from '../../engine/effects.ts';
import type { DirectoryFacts, OldPlotsLook, StartFacts } from '../../engine/inputs.ts';
import type { State } from '../../engine/model/state.ts';
import { probeDirectory } from '../../host/directories.ts';
import { type Allowance, firstOutside } from '../commands/allowed-directories.ts';
import { measureRoom, TIMEOUT_MS, within } from './measure-room.ts';
import type { OldPlotsRemoval } from './old-plots.ts';

type ProbeEffect = Extract<Effect, { type: 'probe' }>;

export interface ProbeParts {
  state: State;
  oldPlots: Pick<OldPlotsRemoval, 'list'>;
  allowance(): Allowance;
}

/** Looks at everything that a start has to know of the disks. Never rejects. */
export async function probeStart(effect: ProbeEffect, parts: ProbeParts): Promise<StartFacts> {
  const { state } = parts;
  const [directories, old_plots, used] = await Promise.all([
    Promise.all(effect.directories.map((wanted) => lookAt(wanted, parts.allowance()))),
    listOldPlots(effect.replot, parts.oldPlots),
    effect.measure ? measureRoom([...state.workers.values()], state) : null,
  ]);
  return { directories, old_plots, used };
}

/** Where old plots can't be looked for none goes, and none counts as room. */
async function listOldPlots(
  queries: readonly ReplotQuery[],
  oldPlots: ProbeParts['oldPlots'],
): Promise<Map<string, OldPlotsLook>> {
  const found = new Map<string, OldPlotsLook>();
  const looks = queries.map(async (query) => {
    const look = await within(TIMEOUT_MS, oldPlots.list(query));
    if (look) found.set(replotKey(query), look);
  });
  await Promise.all(looks);
  return found;
}

async function lookAt(wanted: WantedDirectory, allowance: Allowance): Promise<DirectoryFacts> {
  const { argument, role, path, over_mqtt } = wanted;
  const { problem, device, free_bytes } = await probeDirectory(path, { timeoutMs: TIMEOUT_MS });
  const outside = over_mqtt && problem === null && (await firstOutside(allowance, [path])) !== null;
  return {
    argument,
    role,
    path,
    problem: outside ? 'not_allowed' : problem,
    device: device ?? '',
    free_bytes: free_bytes ?? 0,
  };
}
