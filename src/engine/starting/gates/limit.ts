import { answersOf, countFor, limitsOver } from '../jobs-limit.ts';
import { aheadOf } from '../on-their-way.ts';
import { nextTurn } from '../turn.ts';
import { type Gate, openOr } from './gate.ts';

/** Limits over the workers of several jobs together; the strictest of them decides how many more may start. */
export const limit: Gate = {
  name: 'limit',
  keeps: true,
  automaticOnly: false,
  looked: false,
  ask(world, job, coming, turn) {
    const limits = limitsOver(world.memory.settings, job.id);
    if (limits.length === 0) return NONE;
    const its = turn ?? nextTurn(world, job, coming);
    const answers = limits.flatMap(([name, each]) =>
      answersOf(name, each, countFor(world.state, each, world.steady), coming + aheadOf(world, each, its)),
    );
    if (answers.length === 0) return NONE;
    const closed = answers.find(({ room }) => room === 0);
    return (
      closed ?? {
        room: Math.min(...answers.map(({ room }) => room)),
        text: answers.map(({ text }) => text).join('; '),
      }
    );
  },
};

const NONE = openOr(false, 'no entry of limits holds for the job');
