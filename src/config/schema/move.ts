import * as z from 'zod';
import { CHOICES } from '../../contract/choices.ts';
import { MAX_MOVES_DEFAULT, MAX_MOVES_LIMIT } from '../../contract/moves.ts';
import { idSchema } from '../../contract/names.ts';
import { moveReplotSchema } from './replot.ts';

/** Directories or patterns of one key, at most. */
const MAX_DIRECTORIES = 200;

const directoriesSchema = z
  .union([z.string().min(1), z.array(z.string().min(1)).min(1).max(MAX_DIRECTORIES)])
  .transform((paths) => (Array.isArray(paths) ? paths : [paths]));

/** An entry of `moves` (contract, section 10): finished plots go out of some directories into others. */
export const moveSchema = z.strictObject({
  title: z.string().min(1).max(100).optional().meta({ description: 'How it is shown; default: the id.' }),
  from: directoriesSchema.meta({
    description: 'Finished plots in these directories are moved; with patterns ("*", "?" in names).',
  }),
  to: directoriesSchema.meta({ description: 'Into one of these directories; with patterns.' }),
  choose: z.enum(CHOICES).default('spread').meta({
    description:
      'spread: on the file system with the fewest workers and moves, then the most room; in_order: the first that has room.',
  }),
  max_moves: z.number().int().min(1).max(MAX_MOVES_LIMIT).default(MAX_MOVES_DEFAULT).meta({
    description: 'Files on their way at once; never more than max_moves of disks onto one file system.',
  }),
  enabled: z.boolean().default(true).meta({ description: 'false: it moves nothing.' }),
  replot: moveReplotSchema.optional().meta({
    description:
      'Removes old plots where no destination has room: as many as the new plot needs, when it is whole and about to be written to that disk.',
  }),
});
export type MoveEntry = z.infer<typeof moveSchema>;

/** At most so many, so that what is said of each stays small. */
const MAX_ENTRIES = 100;

export const movesSchema = z
  .record(idSchema, moveSchema)
  .refine((moves) => Object.keys(moves).length <= MAX_ENTRIES, `at most ${MAX_ENTRIES} moves`);
