import { rulesFor } from '../../../config/schema/disks.ts';
import type { DirectoryFacts } from '../../inputs.ts';
import type { State } from '../../model/state.ts';
import type { Transaction } from '../../transaction.ts';
import { answersFor, type Wanting } from './disk-limit.ts';

/** Why no worker gets a directory now, in words. */
export interface HeldByDisks {
  text: string;
  /** It is at a limit, which others will leave: the gate `disk` says so before one that is full. */
  isLimit: boolean;
}

/**
 * By which rule of `disks` a start doesn't get a directory now; `null`: by none. One for which this says something is
 * passed over, and the gate `disk` says it where no other is left.
 */
export function heldByDisks(
  transaction: Transaction,
  { role, path, device }: DirectoryFacts,
  start: Omit<Wanting, 'coming'>,
): HeldByDisks | null {
  // Starts on their way of the same job are taken off by that gate: which directories they get nobody knows.
  const answers = answersFor(transaction, { role, path, filesystem: device }, { ...start, coming: 0 });
  const held = answers.find(({ room }) => room <= 0);
  return held ? { text: held.text, isLimit: !held.closed } : null;
}

/** Bytes of a directory's file system that are left alone. */
export function keptFree({ settings }: Transaction, { path }: Pick<DirectoryFacts, 'path'>): number {
  return rulesFor(settings.disks, path).keep_free;
}

/** Workers in flight, by file system. */
export function busyOn(state: State): ReadonlyMap<string, number> {
  const busy = new Map<string, number>();
  for (const { placement } of state.workers.values())
    for (const filesystem of new Set(placement.map((placed) => placed.filesystem)))
      busy.set(filesystem, (busy.get(filesystem) ?? 0) + 1);
  for (const { filesystem, step } of state.transfers.values())
    if (step !== 'blocked') busy.set(filesystem, (busy.get(filesystem) ?? 0) + 1);
  return busy;
}
