import type { Input, UsedRoom } from '../../engine/inputs.ts';
import type { Settings } from '../../engine/memory.ts';
import type { State } from '../../engine/model/state.ts';
import type { PlaceFacts } from '../../engine/moving/facts.ts';
import { probeDirectory } from '../../host/directories.ts';
import { measure } from '../effects/probe-start.ts';
import { directoriesOf, LOOK_MS } from './directories-of.ts';

export interface SurveyParts {
  state: State;
  settings(): Pick<Settings, 'moves'>;
  /** The directories, as device and inode, out of which enabled moves take plots. */
  takenFrom(): ReadonlySet<string>;
}

type Surveyed = Extract<Input, { type: 'surveyed' }>;

/** Looks at the directories to which the files of a move may go. Never rejects. */
export async function survey(move: string, parts: SurveyParts): Promise<Surveyed> {
  const { state, settings, takenFrom } = parts;
  const { directories, silent } = await directoriesOf(settings().moves.get(move)?.to ?? []);
  const taken = takenFrom();
  const looked = await Promise.all(directories.map((directory) => lookAt(directory, taken)));
  const places = [...looked, ...silent.map(notAnswering)];
  return {
    type: 'surveyed',
    move,
    places,
    used: await usedOn(new Set(places.map(({ device }) => device)), state),
  };
}

async function lookAt(directory: string, taken: ReadonlySet<string>): Promise<PlaceFacts> {
  const { problem, device, ino, free_bytes } = await probeDirectory(directory, { timeoutMs: LOOK_MS });
  return {
    ...{ directory, problem, device: device ?? '', st_dev: device ?? '', free_bytes: free_bytes ?? 0 },
    taken_from: taken.has(`${device}:${ino}`),
  };
}

function notAnswering(directory: string): PlaceFacts {
  return {
    ...{ directory, problem: 'not_answering', device: '', st_dev: '', free_bytes: 0, taken_from: false },
  };
}

/** What workers have taken so far of these file systems. */
async function usedOn(devices: ReadonlySet<string>, state: State): Promise<ReadonlyMap<string, UsedRoom>> {
  const there = [...state.workers.values()].filter(({ placement }) =>
    placement.some(({ filesystem }) => devices.has(filesystem)),
  );
  return there.length === 0 ? new Map() : measure(there, state);
}
