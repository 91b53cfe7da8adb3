import { type Carried, type Carrier, type Carriers, objectSchema } from './carriers.ts';
import type { EntityRow } from './entity.ts';

/** All that is to be said of one key of an object that is published. */
export interface Row<Value = unknown> {
  readonly is: Carrier<Value>;
  /** Its words in the documentation; words that it can be are told anyway. */
  readonly says?: string;
  /** It stands alone on a topic of its own too, below the object's. */
  readonly topic?: true;
  /** How Home Assistant shows it. */
  readonly entity?: EntityRow;
}

/** A row for each key of one kind of object, in the order of the documentation. */
export type Rows = Readonly<Record<string, Row>>;

/** The object that rows tell of. */
export type View<Of extends Rows> = { -readonly [Key in keyof Of]: Carried<Of[Key]['is']> };

/** The keys of rows; those with a plain topic. */
export type KeyOf<Of extends Rows> = keyof Of & string;
export type PlainKey<Of extends Rows> = string extends keyof Of
  ? string
  : { [Key in KeyOf<Of>]: Of[Key] extends { topic: true } ? Key : never }[KeyOf<Of>];

/** The keys, in the order of the rows. */
export function keysOf<Of extends Rows>(rows: Of): KeyOf<Of>[] {
  return Object.keys(rows).filter((key): key is KeyOf<Of> => key in rows);
}

/** The keys that have a plain topic. */
export function plainKeysOf<Of extends Rows>(rows: Of): PlainKey<Of>[] {
  return Object.keys(rows).filter((key): key is PlainKey<Of> => rows[key]?.topic === true);
}

/** What each key carries. */
export function carriersOf(rows: Rows): Carriers {
  return Object.fromEntries(Object.entries(rows).map(([key, { is }]) => [key, is]));
}

/** Takes an object that has what the rows say, all of it, and nothing else. */
export function viewSchema(rows: Rows) {
  return objectSchema(carriersOf(rows));
}
