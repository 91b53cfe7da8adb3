import type { GateName } from '../../../contract/gates.ts';
import type { Memory } from '../../memory.ts';
import type { JobState } from '../../model/job-state.ts';
import type { State } from '../../model/state.ts';
import type { Moment } from '../../surroundings.ts';
import type { Turn } from '../turn.ts';

/** What gates look at, at a moment. A transaction is one. */
export interface World extends Moment {
  readonly state: State;
  readonly memory: Memory;
}

/** What a gate says of the next worker of a job. */
export interface GateAnswer {
  /** How many more may start now; 0: it is closed, `Infinity`: it sets no limit. */
  room: number;
  /** Why, in a sentence with names and numbers. */
  text: string;
}

/** One of the things that are asked whether one more worker of a job may start (contract, section 8). */
export interface Gate {
  name: GateName;
  /** What it holds back is kept and starts when that is over; else it is cut off. */
  keeps: boolean;
  /** It isn't asked of starts by hand. */
  automaticOnly: boolean;
  /** It knows what the last look at arguments and disks has found; each start looks anew. */
  looked: boolean;
  /**
   * `coming`: starts of this job that are on their way and count as workers already. `turn`: that of the start which
   * is asked for; without, that of the job's next one.
   */
  ask(world: World, job: JobState, coming: number, turn?: Turn): GateAnswer;
}

/** A gate's answer to a yes or no. */
export function openOr(closed: boolean, text: string): GateAnswer {
  return { room: closed ? 0 : Number.POSITIVE_INFINITY, text };
}

/** `1 worker runs`, `2 workers run`: a number with the words that go with it. */
export function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** Starts on their way, in words behind those that run. */
export function aboutToStart(coming: number): string {
  return coming === 0 ? '' : `, ${counted(coming, 'is', 'are')} about to start`;
}

/** What several say together: the first that is closed, else all of them; `null`: nobody says anything. */
export function strictest(answers: readonly GateAnswer[]): GateAnswer | null {
  if (answers.length === 0) return null;
  const closed = answers.find(({ room }) => room <= 0);
  return (
    closed ?? {
      room: Math.min(...answers.map(({ room }) => room)),
      text: answers.map(({ text }) => text).join('; '),
    }
  );
}
