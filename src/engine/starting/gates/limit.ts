import { countFor, limitsOver } from '../limits/jobs-limit.ts';
import { answersOf } from '../limits/limit-counts.ts';
import { aheadOf } from '../on-their-way.ts';
import { nextTurn } from '../turn.ts';
import { type Gate, openOr, strictest } from './gate.ts';

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
    const answers = limits.flatMap(([name, each]) => {
      const ahead = coming + aheadOf(world, each, its);
      const counts = countFor(world.state, each, world.steady);
      return answersOf(`in limit '${name}'`, each, counts, { all: ahead, phases: ahead });
    });
    return strictest(answers) ?? NONE;
  },
};

const NONE = openOr(false, 'no entry of limits holds for the job');
