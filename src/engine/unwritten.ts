import type { Memory, Moving, UnwrittenKind } from './memory.ts';
import { keysOf, pick } from './model/patch.ts';
import { inverseOfPatch, type Undo } from './model/undo.ts';

/**
 * Keys of runs and workers that were changed without being written down yet: what the log can tell again after a
 * crash. `undo` takes what brings back what was before.
 */
export class Unwritten {
  readonly #known: Memory['unwritten'];
  readonly #undo: (undo: Undo) => void;

  constructor(memory: Pick<Memory, 'unwritten'>, undo: (undo: Undo) => void) {
    this.#known = memory.unwritten;
    this.#undo = undo;
  }

  /** Changes keys, which are to be written later. */
  move<Kind extends UnwrittenKind>(kind: Kind, value: Moving[Kind], patch: Partial<Moving[Kind]>): void {
    this.#undo(inverseOfPatch(value, patch));
    Object.assign(value, patch);
    const known = this.#keysOf(kind).get(value.id);
    const more = keysOf(patch).filter((key) => !known?.has(key));
    if (more.length > 0) this.#set(kind, value.id, new Set([...(known ?? []), ...more]));
  }

  /** What is to be written of this one, now that something of it is; `null`: nothing. */
  take<Kind extends UnwrittenKind>(kind: Kind, value: Moving[Kind]): Partial<Moving[Kind]> | null {
    const keys = this.#keysOf(kind).get(value.id);
    if (!keys) return null;
    this.#set(kind, value.id, undefined);
    return pick(value, keys);
  }

  /** It goes: what moved needs not be written any more. */
  forget(kind: UnwrittenKind, id: string): void {
    this.#set(kind, id, undefined);
  }

  #keysOf<Kind extends UnwrittenKind>(kind: Kind): Map<string, ReadonlySet<keyof Moving[Kind]>> {
    return this.#known[kind];
  }

  #set<Kind extends UnwrittenKind>(
    kind: Kind,
    id: string,
    keys: ReadonlySet<keyof Moving[Kind]> | undefined,
  ): void {
    const unwritten = this.#keysOf(kind);
    const before = unwritten.get(id);
    const set = (value: typeof keys) => (value ? unwritten.set(id, value) : unwritten.delete(id));
    this.#undo(() => set(before));
    set(keys);
  }
}
