import * as z from 'zod';
import { durationSchema } from '../../contract/names.ts';
import { topicProblem } from './mqtt.ts';

/** More than any house draws, or asks for a kilowatt hour. */
const MAX_WATTS = 1_000_000;
const MAX_PRICE = 1_000_000;
const LONGEST_STALE_S = 86_400;
/** For how long the last value of power holds, in seconds. */
export const DEFAULT_STALE_S = 600;

/** A topic of somebody else's: it may begin with a slash. */
const foreignTopicSchema = z.string().superRefine((topic, check) => {
  const message = topicProblem(topic.replace(/^\/|\/$/g, ''));
  if (message !== undefined) check.addIssue({ code: 'custom', message });
});

const keySchema = z.string().min(1).max(200);

/** What belongs to what: the first is of no use without the second. */
const NEEDS = [
  ...(['power_key', 'idle_watts', 'stale', 'price', 'price_topic'] as const).map(
    (key) => [key, 'power_topic'] as const,
  ),
  ['price_key', 'price_topic'] as const,
] as const;

/** Where the power that this host draws, and its price, come from (contract, section 11). */
export const energySchema = z
  .strictObject({
    power_topic: foreignTopicSchema.optional().meta({
      description: 'A topic of the same broker with the watts that this host draws: a number, or JSON.',
    }),
    power_key: keySchema.optional().meta({
      description: 'Where they stand in JSON: a key, with dots one inside another ("ENERGY.Power").',
    }),
    idle_watts: z.number().min(0).max(MAX_WATTS).optional().meta({
      description: 'What it draws without plotting: only power above that counts; default 0.',
    }),
    price: z.number().min(0).max(MAX_PRICE).optional().meta({
      description: 'Of a kilowatt hour; with price_topic: until something comes there.',
    }),
    price_topic: foreignTopicSchema.optional().meta({ description: 'A topic with the price.' }),
    price_key: keySchema.optional().meta({ description: 'Where it stands in JSON, as power_key.' }),
    stale: durationSchema
      .refine((seconds) => seconds > 0 && seconds <= LONGEST_STALE_S, 'more than nothing, at most a day')
      .optional()
      .meta({ description: 'For how long the last value of power holds; default 10m.' }),
  })
  .superRefine((energy, check) => {
    for (const [key, other] of NEEDS)
      if (energy[key] !== undefined && energy[other] === undefined)
        check.addIssue({ code: 'custom', path: [key], message: `"${key}" needs "${other}" beside it` });
  });
export type EnergySettings = z.infer<typeof energySchema>;
