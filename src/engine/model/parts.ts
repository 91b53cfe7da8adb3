import * as z from 'zod';

/** Whole and not negative. */
export const count = z.int().nonnegative();
/** Milliseconds since 1970, by whatever clock the key says; or on the steady one. */
export const moment = z.number();
/** When a worker was started: by the host's clock, and on the steady one. */
export const startedSchema = z.object({ at: moment, steady: moment });
export const numbers = z.array(z.number());
export const texts = z.array(z.string());
