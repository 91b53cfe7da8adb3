import * as z from 'zod';
import type { StatusAnswer } from '../../control/protocol.ts';
import { printable } from '../../util/colours.ts';
import { inLines, sentence } from '../terminal/fit.ts';
import { localTime } from '../terminal/local-time.ts';
import { type Look, widthFor } from '../terminal/look.ts';
import { farmHolds, holdInWords } from './what-holds.ts';

const farmSchema = z.looseObject({
  max_workers: z.number().catch(0),
  workers: z.number().catch(0),
  pending: z.number().catch(0),
  drained: z.boolean().catch(false),
  last_end_at: z.string().nullable().catch(null),
  plots_today: z.number().catch(0),
  problems: z.array(z.string()).catch([]),
});

/** All jobs together: what runs and waits, what holds them, and what somebody should look after. */
export function farmLines({ farm }: Pick<StatusAnswer, 'farm'>, look: Look): string[] {
  if (farm === null) return [];
  const { max_workers, workers, pending, drained, last_end_at, plots_today, problems } =
    farmSchema.parse(farm);
  const width = widthFor(look);
  const parts = [
    `farm: ${workers} of ${max_workers} workers`,
    `${plots_today} ${plots_today === 1 ? 'plot' : 'plots'} today`,
    ...(pending === 0 ? [] : [pending === 1 ? '1 start waits' : `${pending} starts wait`]),
    ...(last_end_at === null ? [] : [`the last ends ${localTime(last_end_at)}`]),
    ...(drained ? [look.paint('drained', 'yellow')] : []),
  ];
  const holds = farmHolds({ farm }).flatMap((hold) =>
    sentence(`  held by ${printable(holdInWords(hold))}`, width).map((line) => look.paint(line, 'yellow')),
  );
  const wrong = problems.flatMap((problem) =>
    sentence(`  problem: ${printable(problem)}`, width).map((line) => look.paint(line, 'red')),
  );
  return [...inLines(parts, ', ', width), ...holds, ...wrong];
}
