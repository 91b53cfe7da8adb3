import {
  contradiction,
  FIXED_HOLDS,
  type HoldReleaser,
  type HoldWanted,
  MAX_HOLDS,
} from '../../contract/holds.ts';
import { type Hold, type Holds, OWN_PAUSE } from '../model/hold.ts';
import type { JobState } from '../model/job-state.ts';
import type { State } from '../model/state.ts';
import type { World } from '../starting/gates/gate.ts';
import type { Transaction } from '../transaction.ts';
import { holdNamed, withHold } from './holds.ts';
import { farmHoldsChanged, holdsChanged } from './pause.ts';

/** Whose holds these are. */
export type HoldOwner = JobState | 'farm';

/** A command sets a hold; `data.changed` says whether it stood so already. */
export function commandHold(
  transaction: Transaction,
  ticket: number,
  owner: HoldOwner,
  { name, wanted }: { name: string; wanted: HoldWanted },
): void {
  const wrong = owner === 'farm' ? contradiction(name, wanted) : null;
  if (wrong) return transaction.refuse(ticket, 'invalid_payload', wrong.message, wrong.key);
  const present = holdNamed(holdsOf(transaction.state, owner), name);
  const isFixed = owner === 'farm' && FIXED_HOLDS.has(name);
  if (!present && !isFixed && countHolds(transaction.state) >= MAX_HOLDS) {
    const message = `${MAX_HOLDS} holds stand already, which is the most there may be`;
    return transaction.refuse(ticket, 'limit_reached', message);
  }
  const changed = setHold(transaction, owner, name, newHold(transaction, owner, name, wanted));
  transaction.succeed(ticket, { changed });
}

/** A command releases a hold; `data.changed` says whether it stood. */
export function commandRelease(
  transaction: Transaction,
  ticket: number,
  owner: HoldOwner,
  name: string,
): void {
  transaction.succeed(ticket, { changed: releaseHold(transaction, owner, name, 'command') });
}

/** The holds that a job or the farm has. */
export function holdsOf(state: State, owner: HoldOwner): Holds {
  return owner === 'farm' ? state.farm.holds : owner.holds;
}

/** How many stand, but for jobs' own pauses and the two of the farm that are always there. */
function countHolds({ farm, jobs }: State): number {
  let count = Object.keys(farm.holds).filter((name) => !FIXED_HOLDS.has(name)).length;
  for (const { holds } of jobs.values())
    count += Object.keys(holds).filter((name) => name !== OWN_PAUSE).length;
  return count;
}

/** A hold as a command wants it: what that leaves out is as config.yaml says, else the default. */
export function newHold(
  { now, steady, memory: { settings } }: Pick<World, 'now' | 'steady' | 'memory'>,
  owner: HoldOwner,
  name: string,
  wanted: HoldWanted,
): Hold {
  const entry = owner === 'farm' ? settings.holds.get(name) : undefined;
  const fixed = owner === 'farm' ? FIXED_HOLDS.get(name) : undefined;
  const {
    kind = entry?.kind ?? fixed?.kind ?? 'pause',
    moves = entry?.moves ?? fixed?.moves ?? false,
    reason = null,
    for_s = entry?.for ?? null,
  } = wanted;
  const until = for_s === null ? null : now + for_s * 1000;
  const until_steady = for_s === null ? null : steady + for_s * 1000;
  return {
    ...{ kind, reason, since: now, until, until_steady, moves },
    ...{ jobs: entry?.jobs ?? null, set_by: 'command', declared: entry !== undefined },
  };
}

/** Sets a hold, whatever stood there; returns whether anything is another than before. */
export function setHold(transaction: Transaction, owner: HoldOwner, name: string, hold: Hold): boolean {
  const present = holdNamed(holdsOf(transaction.state, owner), name);
  if (present && isSame(present, hold)) return false;
  write(transaction, owner, name, { ...hold, since: present?.since ?? hold.since });
  if (present?.until_steady != null || hold.until_steady !== null)
    wakeAt(transaction, owner, name, hold.until_steady === null ? null : hold.until);
  const { kind, reason, until } = hold;
  transaction.tell('hold_set', subjectOf(owner), { hold: name, kind, reason, until: isoOf(until) });
  held(transaction, owner);
  return true;
}

/** Releases a hold; returns whether it stood. */
export function releaseHold(
  transaction: Transaction,
  owner: HoldOwner,
  name: string,
  by: HoldReleaser,
): boolean {
  const present = holdNamed(holdsOf(transaction.state, owner), name);
  if (!present) return false;
  write(transaction, owner, name, null);
  if (present.until_steady !== null) wakeAt(transaction, owner, name, null);
  transaction.tell('hold_released', subjectOf(owner), { hold: name, by });
  held(transaction, owner);
  return true;
}

/** What a hold is beside when it was set, and by whom. One whose time begins anew is another; a rule's goes on. */
function isSame(one: Hold, other: Hold): boolean {
  return (
    one.kind === other.kind &&
    one.reason === other.reason &&
    one.moves === other.moves &&
    one.until === other.until &&
    (other.until === null || other.set_by === 'time')
  );
}

/** Writes a hold down, or that it is gone. */
export function write(transaction: Transaction, owner: HoldOwner, name: string, hold: Hold | null): void {
  const { farm } = transaction.state;
  const holds = withHold(holdsOf(transaction.state, owner), name, hold);
  if (owner === 'farm') transaction.change(['meta', { farm: { ...farm, holds } }]);
  else transaction.patchJob(owner, { holds });
}

function held(transaction: Transaction, owner: HoldOwner): void {
  if (owner === 'farm') farmHoldsChanged(transaction);
  else holdsChanged(transaction, owner);
}

function subjectOf(owner: HoldOwner): { job: string } | null {
  return owner === 'farm' ? null : { job: owner.id };
}

export function wakeAt(transaction: Transaction, owner: HoldOwner, name: string, at: number | null): void {
  const timer =
    owner === 'farm'
      ? ({ kind: 'farm_hold', name } as const)
      : ({ kind: 'job_hold', job: owner.id, name } as const);
  transaction.ask({ type: 'wake', timer, at });
}

function isoOf(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
