import * as z from 'zod';
import { contradiction, FIXED_HOLDS, HOLD_KINDS, LONGEST_HOLD_S } from '../../contract/holds.ts';
import { durationSchema, idSchema } from '../../contract/names.ts';

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
const NAMES: readonly string[] = DAYS;
const DAY = `(?:${DAYS.join('|')})`;
const CLOCK = '([01]\\d|2[0-3]):([0-5]\\d)';
const SPAN = new RegExp(`^(?:(${DAY}(?:-${DAY})?(?:,${DAY}(?:-${DAY})?)*) +)?${CLOCK}-(?:${CLOCK}|24:00)$`);

/** A span of time that comes each week on some days. */
export interface TimeSpan {
  /** The days on which it begins, 0 being Sunday. */
  days: readonly number[];
  /** Minutes after midnight at which it begins, and how many minutes it lasts. */
  from: number;
  minutes: number;
}

const DAY_MINUTES = 24 * 60;

function parseSpan(text: string): TimeSpan {
  const [, days, hour, minute, endHour, endMinute] = SPAN.exec(text) ?? [];
  const from = Number(hour) * 60 + Number(minute);
  const to = endHour === undefined ? DAY_MINUTES : Number(endHour) * 60 + Number(endMinute);
  return { days: daysOf(days), from, minutes: to > from ? to - from : to + DAY_MINUTES - from };
}

/** `mon-fri`, `sat,sun`: numbers of days; none is all. A range may go over the end of the week. */
function daysOf(text: string | undefined): number[] {
  if (text === undefined) return [...DAYS.keys()];
  const days = new Set<number>();
  for (const part of text.split(',')) {
    const [first = '', last = first] = part.split('-');
    const to = NAMES.indexOf(last);
    for (let day = NAMES.indexOf(first); ; day = (day + 1) % DAYS.length) {
      days.add(day);
      if (day === to) break;
    }
  }
  return [...days];
}

const spanSchema = z
  .string()
  .regex(SPAN, 'hours such as "07:00-22:00", with days "mon-fri 06:00-22:00"')
  .transform(parseSpan);

const patternSchema = z
  .string()
  .max(100)
  .regex(/^[a-z0-9_*?-]+$/, "a job's id, in which * and ? stand for any characters and for one");

const entrySchema = z.strictObject({
  title: z.string().min(1).max(100).optional().meta({ description: 'How it is shown; default: the name.' }),
  kind: z.enum(HOLD_KINDS).optional().meta({
    description: 'pause (default): plotters are suspended, none starts; no_starts: running ones go on.',
  }),
  jobs: z
    .array(patternSchema)
    .min(1)
    .optional()
    .meta({ description: 'The jobs that it holds: ids, with * and ?; default: all.' }),
  moves: z.boolean().optional().meta({ description: 'Whether it holds moves too; default false.' }),
  for: durationSchema
    .refine((seconds) => seconds > 0 && seconds <= LONGEST_HOLD_S, 'more than nothing, at most ten years')
    .optional()
    .meta({ description: 'How long it stands after a command that says no time itself.' }),
  held: z
    .union([spanSchema, z.array(spanSchema).min(1)])
    .transform((spans) => (Array.isArray(spans) ? spans : [spans]))
    .optional()
    .meta({
      description:
        'When it stands by itself: "07:00-22:00", or a list, with days ("mon-fri 06:00-22:00": those on which it begins).',
    }),
});
export type HoldEntry = z.infer<typeof entrySchema>;

/** The farm's holds that config.yaml knows, by name. */
export const holdEntriesSchema = z.record(idSchema, entrySchema).superRefine((entries, check) => {
  for (const [name, entry] of Object.entries(entries)) {
    const { kind, moves } = entry;
    const wrong = contradiction(name, {
      ...(kind === undefined ? {} : { kind }),
      ...(moves === undefined ? {} : { moves }),
    });
    if (wrong) check.addIssue({ code: 'custom', path: [name, wrong.key], message: wrong.message });
    if (FIXED_HOLDS.has(name) && entry.jobs !== undefined)
      check.addIssue({
        code: 'custom',
        path: [name, 'jobs'],
        message: `the farm's hold '${name}' always holds all jobs`,
      });
  }
});

/** A time zone by its name, such as Europe/Berlin. */
export const timeZoneSchema = z.string().refine(isTimeZone, 'a time zone such as Europe/Berlin');

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
