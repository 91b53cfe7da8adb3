import * as z from 'zod';
import { argumentsSchema } from '../names.ts';

/** How values of one kind stand in what is published. */
export interface Carrier<Value = unknown> {
  readonly schema: z.ZodType<Value>;
  /** Text of free form, in which what is secret is hidden; in all else nothing ever is (contract, section 2). */
  readonly isFree: boolean;
  /** The only texts that it can be. */
  readonly words?: readonly string[];
  readonly isTime?: true;
  /** What the object is made of, or each object of the list. */
  readonly inside?: Carriers;
}
export type Carriers = Readonly<Record<string, Carrier>>;

/** The type of what a carrier carries. */
export type Carried<Of> = Of extends Carrier<infer Value> ? Value : never;
/** The type of an object with these keys. */
export type Values<Of extends Carriers> = { -readonly [Key in keyof Of]: Carried<Of[Key]> };

/** Text that people, plotters or the system have written. */
export const text: Carrier<string> = { schema: z.string(), isFree: true };
/** An id, a name of the user's own by which things are told apart, a topic, a version. */
export const id: Carrier<string> = { schema: z.string(), isFree: false };
/** A whole number from 0 on. */
export const count: Carrier<number> = { schema: z.int().nonnegative(), isFree: false };
/** Any number: a share, seconds, a load. */
export const figure: Carrier<number> = { schema: z.number(), isFree: false };
export const flag: Carrier<boolean> = { schema: z.boolean(), isFree: false };
/** ISO 8601 in UTC. */
export const time: Carrier<string> = { schema: z.iso.datetime(), isFree: false, isTime: true };
/** Values by names that a plotter's definition chooses: all of it may be secret. */
export const argumentValues: Carrier<z.infer<typeof argumentsSchema>> = {
  schema: argumentsSchema,
  isFree: true,
};

/** One of a few words of ours. */
export function oneOf<const Word extends string>(words: readonly Word[]): Carrier<Word> {
  return { schema: z.enum(words), isFree: false, words };
}

/** Always this number. */
export function always<const Value extends number>(value: Value): Carrier<Value> {
  return { schema: z.literal(value), isFree: false };
}

/** The same, or `null`: no value. */
export function nullable<Value>(carrier: Carrier<Value>): Carrier<Value | null> {
  return { ...carrier, schema: carrier.schema.nullable() };
}

/** A list; on a plain topic its length stands. */
export function listOf<Value>(carrier: Carrier<Value>): Carrier<Value[]> {
  return { ...carrier, schema: z.array(carrier.schema) };
}

export const threeOf = <Value>(carrier: Carrier<Value>): Carrier<[Value, Value, Value]> => ({
  ...carrier,
  schema: z.tuple([carrier.schema, carrier.schema, carrier.schema]),
});

/** An object with these keys, each of which carries its own. */
export function objectOf<Of extends Carriers>(inside: Of): Carrier<Values<Of>> {
  const schema = objectSchema(inside);
  return {
    schema: z.custom<Values<Of>>((value) => schema.safeParse(value).success),
    isFree: false,
    inside,
  };
}

/** Takes an object with these keys, all of them, and no others. */
export function objectSchema(of: Carriers): z.ZodType<Record<string, unknown>> {
  return z.strictObject(Object.fromEntries(Object.entries(of).map(([key, { schema }]) => [key, schema])));
}
