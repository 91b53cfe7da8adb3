import * as z from 'zod';

/** A named event that is to be fired at another daemon, until a broker has it (contract, section 13). */
export const remoteFireSchema = z.object({
  name: z.string(),
  /** The base topic of the other daemon. */
  target: z.string(),
});
export type RemoteFire = z.infer<typeof remoteFireSchema>;
