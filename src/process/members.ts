import { bootId, sameProcess } from '../host/process-identity.ts';
import { codeOf } from '../util/errors.ts';
import type { Seen } from './process-table.ts';

/** Whose processes are looked for. */
export interface Ownership {
  /** The wrapper's process id, which is its process group's and session's too. */
  group: number;
  /** The group is verifiably that one: its leader is the very process that was started. */
  led: boolean;
  /** It was, until its leader ended: what is left of it and can't be looked into, another account's, is taken for its. */
  wasLed: boolean;
  /** PLOT2MQTT_WORKER of its environment; as long as a group has members its id isn't given to another. */
  worker: string;
  /** PLOT2MQTT_RUN of a plotter's environment, by which what left its group is found; null: only the group. */
  run: string | null;
}

const OVER = new Set(['Z', 'X']);
const STOPPED = new Set(['T', 't']);

/** Whether a process group of this id has any member, be it a zombie or somebody else's. */
export function groupExists(group: number): boolean {
  try {
    process.kill(-group, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

/** The living processes of an owner; never this program, or what stands above it. */
export function membersOf(seen: readonly Seen[], { group, led, wasLed, worker, run }: Ownership): Seen[] {
  const above = ancestorsOf(process.pid, seen);
  const living = seen.filter(({ pid, state }) => !OVER.has(state) && !above.has(pid));
  const inGroup = living.filter((each) => each.group === group && (each.session ?? group) === group);
  const ours = led || (worker !== '' && inGroup.some((each) => each.worker === worker));
  const marked = run === null ? [] : living.filter((each) => each.run === run && each.step === 'plotter');
  const left = ours ? inGroup : wasLed ? inGroup.filter(({ hidden }) => hidden) : [];
  return [...new Set([...left, ...marked])];
}

/** A process and all that it descends from. */
function ancestorsOf(pid: number, seen: readonly Seen[]): Set<number> {
  const parents = new Map(seen.map((each) => [each.pid, each.parent]));
  const above = new Set<number>();
  for (let each: number | undefined = pid; each !== undefined && !above.has(each); each = parents.get(each))
    above.add(each);
  return above;
}

export function isStopped({ state }: Seen): boolean {
  return STOPPED.has(state);
}

/** Tells a process from another one that gets its id later. */
export function keyOf({ pid, start }: Seen): string {
  return `${pid}:${start ?? ''}`;
}

/** What became of a signal to one process. */
export type Sent = 'sent' | 'gone' | 'refused';

/** Signals a process, unless it is another one by now. Throws where that can't be told. */
export function signalTo(seen: Seen, signal: NodeJS.Signals): Sent {
  const { pid, start } = seen;
  if (start !== null && !sameProcess({ pid, identity: `${bootId()}:${start}` })) return 'gone';
  try {
    process.kill(pid, signal);
    return 'sent';
  } catch (error) {
    return codeOf(error) === 'EPERM' ? 'refused' : 'gone';
  }
}
