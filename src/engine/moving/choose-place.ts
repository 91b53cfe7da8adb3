import { dirname } from 'node:path';
import { rulesFor, type DiskEntry } from '../../config/schema/disks.ts';
import type { Choice } from '../../contract/choices.ts';
import { sized } from '../../util/bytes.ts';
import { choose } from '../starting/places/choose.ts';
import { WHAT_IS_WRONG } from '../starting/places/probing.ts';
import type { FinishedPlot, KeptBack, PlaceFacts } from './facts.ts';
import type { Traffic } from './traffic.ts';

/** All that decides where a plot goes. */
export interface PlaceCase {
  plot: Pick<FinishedPlot, 'file' | 'size' | 'device'>;
  places: readonly PlaceFacts[];
  /** By file system. */
  traffic: ReadonlyMap<string, Traffic>;
  choice: Choice;
  disks: readonly DiskEntry[];
  /** How a directory stands that has failed in writing: it is left out for a while, then taken where there is no other. */
  failing(directory: string): 'never' | 'now' | 'before';
}

/** Where it goes, or what keeps it; `beside`: what does in other directories, as the end of a text. */
export type Placing = { place: PlaceFacts } | { kept: KeptBack; beside: string };

/** Of several directories the one that comes furthest speaks, but one at a limit before one that is full. */
const SPEAKS: readonly KeptBack['waiting_for'][] = ['disk', 'dest_full', 'missing_directory'];

/** Which of the directories a plot goes to (contract, section 10). */
export function choosePlace(placeCase: PlaceCase): Placing {
  const { places, traffic, choice } = placeCase;
  const asked = places.map((place) => ({ place, kept: whatKeeps(placeCase, place) }));
  const all = asked.filter(({ kept }) => kept === null);
  const good = all.filter(({ place }) => placeCase.failing(place.directory) === 'never');
  const open = good.length > 0 ? good : all;
  const chosen = choose(
    open.map(({ place }) => {
      const { transfers = 0, workers = 0, reserved = 0 } = traffic.get(place.device) ?? {};
      const { directory, device, free_bytes } = place;
      return { directory, fileSystem: device, busy: transfers + workers, free: free_bytes - reserved, place };
    }),
    choice,
  );
  if (chosen) return { place: chosen.place };
  const kept = asked.flatMap((each) => each.kept ?? []);
  const [first, ...more] = SPEAKS.flatMap((waiting_for) => {
    const alike = kept.filter((each) => each.waiting_for === waiting_for);
    const [speaks, ...others] = alike;
    return speaks === undefined ? [] : [{ ...speaks, text: `${speaks.text}${like(others.length)}` }];
  });
  if (first) return { kept: first, beside: more.map(({ text }) => `; ${text}`).join('') };
  const text = 'no directory is there that matches `to`';
  return { kept: { waiting_for: 'missing_directory', text }, beside: '' };
}

function like(others: number): string {
  if (others === 0) return '';
  return `, and ${others === 1 ? 'another one is like it' : `${others} others are like it`}`;
}

function whatKeeps({ plot, traffic, disks, failing }: PlaceCase, place: PlaceFacts): KeptBack | null {
  const { directory, problem, device, st_dev, free_bytes, taken_from } = place;
  const kept = (waiting_for: KeptBack['waiting_for'], text: string) => ({ waiting_for, text });
  if (problem !== null) return kept('missing_directory', `${directory} ${WHAT_IS_WRONG[problem]}`);
  if (failing(directory) === 'now')
    return kept(
      'missing_directory',
      `${directory} could not be written just now, and is left out for a while`,
    );
  if (directory === dirname(plot.file)) return kept('disk', `it is in ${directory} already`);
  if (taken_from)
    return kept('disk', `an enabled move takes plots out of ${directory}, so none goes into it`);
  const { closed, max_moves, keep_free } = rulesFor(disks, directory);
  if (closed) return kept('disk', `${directory} is closed (disks)`);
  const { transfers = 0, reserved = 0 } = traffic.get(device) ?? {};
  if (transfers >= max_moves)
    return kept(
      'disk',
      `${transfers} of ${max_moves} moves onto the disk of ${directory} run (max_moves of disks)`,
    );
  // What is on that file system already takes no more of it.
  const needed = plot.device === st_dev ? 0 : plot.size;
  const free = Math.max(0, free_bytes - reserved - keep_free);
  if (needed > free)
    return kept(
      'dest_full',
      `no room in ${directory}: the plot takes ${sized(needed)}, ${sized(free)} are free beside what is on its way`,
    );
  return null;
}
