import { holdsStarts } from '../../../config/schema/disks.ts';
import { answersFor, type DiskAnswer, isUnknown } from '../limits/disk-limit.ts';
import { directoriesNow, type SeenDirectory } from '../places/seen-directories.ts';
import { isToldByNewFile } from '../limits/one-at-a-time.ts';
import { someOf } from '../places/some-of.ts';
import { nextTurn, type Turn } from '../turn.ts';
import { aboutToStart, type Gate, type GateAnswer, openOr, strictest, type World } from './gate.ts';

/**
 * Limits of `disks`, on the directories that the last look has found, and those that it closes; and a plotter that has
 * to have its destination alone. Of several directories
 * for one argument one that is open is enough.
 */
export const disk: Gate = {
  name: 'disk',
  keeps: true,
  automaticOnly: false,
  looked: false,
  ask(world, job, coming, turn) {
    if (!world.memory.settings.disks.some(holdsStarts) && !isToldByNewFile(world, job)) return NONE;
    const its = turn ?? nextTurn(world, job, coming);
    const { directories } = directoriesNow(world, job);
    const answers = byArgument(directories).flatMap((each) => ofArgument(world, each, coming, its) ?? []);
    if (isUnknown(world, job)) answers.push(notLookedAt(coming));
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
  const taken: [] = [];
  if (first && directories.length === 1) return strictest(answersFor(world, first, { turn, coming, taken }));
  // Which of them the starts before it get nobody knows: they are taken off all together.
  const answers = directories.map((each) => ({
    each,
    answer: firstClosedOf(answersFor(world, each, { turn, coming: 0, taken })),
  }));
  const held = answers.flatMap(({ answer }) => (answer !== null && answer.room <= 0 ? [answer] : []));
  const open = answers.filter(({ answer }) => answer === null || answer.room > 0);
  const limits = held.filter(({ closed }) => !closed);
  // Of those that are full `temp_full` and `dest_full` speak, but where one at a limit may be had sooner.
  const free = open.filter(({ each }) => !each.full);
  if (free.length === 0) {
    if (held.length === 0 || (open.length > 0 && limits.length === 0)) return null;
    const texts = [...limits, ...(open.length > 0 ? [] : held.filter(({ closed }) => closed))];
    return {
      room: 0,
      text: `${first?.argument}: ${someOf(
        texts.map(({ text }) => text),
        '; ',
      )}`,
    };
  }
  const room = new Map<string, number>();
  for (const { each, answer } of free) {
    const disk = each.filesystem === '' || answer?.ofDirectory ? each.path : each.filesystem;
    room.set(disk, Math.max(room.get(disk) ?? 0, answer?.room ?? Number.POSITIVE_INFINITY));
  }
  const left = [...room.values()].reduce((sum, each) => sum + each, 0) - coming;
  const [speaks] = free.flatMap(({ answer }) => answer ?? []);
  if (speaks === undefined || left === Number.POSITIVE_INFINITY) return null;
  return { room: Math.max(0, left), text: `${speaks.text}${aboutToStart(coming)}` };
}

/** The strictest of what the entries for one directory say. */
function firstClosedOf(answers: readonly DiskAnswer[]): DiskAnswer | null {
  const all = strictest(answers);
  return (
    all && {
      ...all,
      closed: answers.some(({ closed }) => closed),
      ofDirectory: answers.some(({ ofDirectory }) => ofDirectory),
    }
  );
}
