import { limitsStarts } from '../../../config/schema/disks.ts';
import { answersFor } from '../disk-limit.ts';
import { directoriesNow, type SeenDirectory } from '../seen-directories.ts';
import { nextTurn, type Turn } from '../turn.ts';
import { aboutToStart, type Gate, type GateAnswer, openOr, strictest, type World } from './gate.ts';

/**
 * Limits of `disks`, on the directories that the last look has found. Of several directories for one argument one that
 * is open is enough.
 */
export const disk: Gate = {
  name: 'disk',
  keeps: true,
  automaticOnly: false,
  looked: false,
  ask(world, job, coming, turn) {
    const { disks } = world.memory.settings;
    if (!disks.some(limitsStarts)) return NONE;
    const { looked, directories } = directoriesNow(world, job);
    const its = turn ?? nextTurn(world, job, coming);
    const answers = byArgument(directories).flatMap((each) => ofArgument(world, each, coming, its) ?? []);
    const unknown = !looked && directories.some(({ filesystem }) => filesystem === '');
    if (unknown && answers.length > 0) answers.push(notLookedAt(coming));
    return strictest(answers) ?? NONE;
  },
};

const NONE = openOr(false, 'no entry of disks limits starts in the directories of the job');

/** One start is let through to have the disks looked at. */
function notLookedAt(coming: number): GateAnswer {
  const text = 'which disks its directories are on is not known yet';
  return { room: Math.max(0, 1 - coming), text: `${text}${aboutToStart(coming)}` };
}

function byArgument(seen: readonly SeenDirectory[]): SeenDirectory[][] {
  const groups = new Map<string, SeenDirectory[]>();
  for (const each of seen) groups.set(each.argument, [...(groups.get(each.argument) ?? []), each]);
  return [...groups.values()];
}

/** What the directories of one argument say together; `null` where no entry limits one of them. */
function ofArgument(
  world: World,
  directories: readonly SeenDirectory[],
  coming: number,
  turn: Turn,
): GateAnswer | null {
  const [first] = directories;
  if (first && directories.length === 1) return strictest(answersFor(world, first, coming, turn));
  const answers = directories.map((each) => ({
    disk: each.filesystem === '' ? each.path : each.filesystem,
    answer: strictest(answersFor(world, each, 0, turn)),
  }));
  const room = new Map<string, number>();
  for (const { disk: on, answer } of answers)
    room.set(on, Math.max(room.get(on) ?? 0, answer?.room ?? Number.POSITIVE_INFINITY));
  const left = [...room.values()].reduce((sum, each) => sum + each, 0) - coming;
  const said = answers.flatMap(({ answer }) => answer ?? []);
  const open = said.find((answer) => answer.room > 0);
  const speaks = open ?? said[0];
  if (speaks === undefined || left === Number.POSITIVE_INFINITY) return null;
  const others =
    open === undefined && said.length > 1 ? `, and so with the others of ${first?.argument}` : '';
  return { room: Math.max(0, left), text: `${speaks.text}${others}${aboutToStart(coming)}` };
}
