import * as z from 'zod';
import type { StatusAnswer } from '../../control/protocol.ts';
import { localTime } from '../terminal/local-time.ts';

const farmSchema = z.looseObject({
  workers: z.int().catch(0),
  moves: z.int().catch(0),
  drained: z.boolean().catch(false),
  last_end_at: z.string().nullable().catch(null),
});

/** What has to end before a farm that drains is drained. */
export function stillRunning({ farm }: Pick<StatusAnswer, 'farm'>): string[] {
  const { workers, moves, drained, last_end_at } = farmSchema.parse(farm ?? {});
  if (drained) return ['nothing runs any more'];
  const running = [
    ...(workers === 0 ? [] : [`${workers} ${workers === 1 ? 'worker runs' : 'workers run'}`]),
    ...(moves === 0 ? [] : [`${moves} ${moves === 1 ? 'move runs' : 'moves run'}`]),
    ...(last_end_at === null ? [] : [`the last will have ended ${localTime(last_end_at)}`]),
  ];
  return running.length === 0 ? [] : [running.join(', ')];
}
