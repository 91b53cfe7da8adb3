import type { Effect } from '../../engine/effects.ts';
import type { Input, UsedRoom } from '../../engine/inputs.ts';
import type { Settings } from '../../engine/memory.ts';
import type { State } from '../../engine/model/state.ts';
import type { PlaceFacts } from '../../engine/moving/facts.ts';
import { directoryIdentity } from '../../host/directory-identity.ts';
import type { Place, Places } from '../effects/places.ts';
import { measureRoom, writtenByTransfers } from '../effects/measure-room.ts';
import { LOOK_MS } from './directories-of.ts';
import type { OldPlotsOfMoves } from './old-plots-of-moves.ts';

export interface SurveyParts {
  state: State;
  settings(): Pick<Settings, 'moves'>;
  places: Pick<Places, 'find'>;
  oldPlots: Pick<OldPlotsOfMoves, 'look'>;
  /** The directories, as device and inode, out of which enabled moves take plots. */
  takenFrom(): ReadonlySet<string>;
}

type Surveyed = Extract<Input, { type: 'surveyed' }>;

/** Looks at the directories to which the files of a move may go. Never rejects. */
export async function survey(
  { move, number, files }: Extract<Effect, { type: 'survey' }>,
  parts: SurveyParts,
): Promise<Surveyed> {
  const { state, settings, takenFrom } = parts;
  const to = settings().moves.get(move)?.to ?? [];
  const found = await parts.places.find(to, { withinMs: LOOK_MS });
  const each = new Map(to.flatMap((each) => found.get(each) ?? []).map((place) => [place.path, place]));
  const taken = takenFrom();
  const [places, old_plots] = await Promise.all([
    Promise.all([...each.values()].map((place) => factsOf(place, taken))),
    parts.oldPlots.look(move, files, [...each.values()]),
  ]);
  const devices = new Set(places.map(({ device }) => device));
  const used = await usedOn(devices, state);
  const written = await writtenByTransfers(state, devices);
  return { type: 'surveyed', move, number, places, used, written, old_plots };
}

async function factsOf(
  { path, problem, filesystem, free_bytes }: Place,
  taken: ReadonlySet<string>,
): Promise<PlaceFacts> {
  const identity = problem === null ? await directoryIdentity(path, { timeoutMs: LOOK_MS }) : null;
  return {
    directory: path,
    problem: problem === null && identity === null ? 'not_answering' : problem,
    device: filesystem?.key ?? '',
    st_dev: identity?.device ?? '',
    free_bytes: free_bytes ?? 0,
    taken_from: identity !== null && taken.has(identity.key),
  };
}

/** What workers have taken so far of these file systems. */
async function usedOn(devices: ReadonlySet<string>, state: State): Promise<ReadonlyMap<string, UsedRoom>> {
  const there = [...state.workers.values()].filter(({ placement }) =>
    placement.some(({ filesystem }) => devices.has(filesystem)),
  );
  return there.length === 0 ? new Map() : measureRoom(there, state);
}
