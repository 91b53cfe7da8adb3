import * as z from 'zod';
import { isObject } from '../../util/objects.ts';

/** What daemons tell each other on `bridge/request/instance`, and answer on `bridge/response/instance`. */
const whoSchema = z.object({
  instance: z.string(),
  /** Random, of one run of a daemon. */
  run: z.string(),
  base_topic: z.string(),
  /** How long ago it said `online` first, in seconds: clocks of two hosts differ. `null`: not yet. */
  online_s: z.number().nullable(),
});

/** A daemon that is alive. */
export type Who = z.infer<typeof whoSchema>;

/** So far apart two daemons must have said `online`, in seconds, for one to be the later: messages take their time. */
const SURELY_LATER_S = 1;
/** Who hasn't said `online` yet is later than any that has. */
const NOT_YET_S = -10;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Who asks, where a daemon does; a person's request has no `run`. */
export function requestOf(payload: string): { asker: Who; transaction: string } | undefined {
  return z
    .object({ ...whoSchema.shape, transaction: z.string() })
    .transform(({ transaction, ...asker }) => ({ asker, transaction }))
    .safeParse(parsed(payload)).data;
}

/** A daemon of version 1 knows no such request: that it refuses it says that it is alive. */
export type Answerer = Who | 'version 1';

/** Who answers, and whom: by its transaction. `undefined` where it isn't an answer of a daemon. */
export function answerOf(payload: string): { transaction: string; from: Answerer } | undefined {
  const answer = parsed(payload);
  if (!isObject(answer) || typeof answer.transaction !== 'string') return undefined;
  const { transaction } = answer;
  const from = whoSchema.safeParse(answer.data).data;
  if (from) return { transaction, from };
  return answer.status === 'error' ? { transaction, from: 'version 1' } : undefined;
}

/** The instance in a `bridge/info` of a daemon of ours; other programs have such a topic too. */
export function instanceIn(info: string): string | undefined {
  const found = parsed(info);
  if (!isObject(found) || typeof found.contract !== 'number') return undefined;
  return typeof found.instance === 'string' ? found.instance : undefined;
}

/** Whether of two the first keeps the base topic: the one that said `online` later doesn't (contract, section 1). */
export function keepsBaseTopic(one: Answerer, other: Who): boolean {
  // It can't step back.
  if (one === 'version 1') return true;
  const [mine, its] = [one.online_s ?? NOT_YET_S, other.online_s ?? NOT_YET_S];
  if (Math.abs(mine - its) > SURELY_LATER_S) return mine > its;
  return one.run < other.run;
}
