import type * as z from 'zod';
import { plotEnding } from '../../host/plot-names.ts';
import type { Checker } from './plotter-checks.ts';
import {
  type ArgumentDefinition,
  DEFAULT_SUFFIX,
  type openFilesSchema,
  plotSuffixSchema,
} from './plotter-parts.ts';
import { isForEach, type SpaceDefinition, type Spaces } from './plotter-space.ts';

type Issue = (path: (string | number)[], message: string) => void;
type OpenFiles = z.infer<typeof openFilesSchema>;

interface Room {
  arguments: Record<string, ArgumentDefinition>;
  size_argument: string;
  space: Spaces;
}

interface Suffixes {
  suffixes?: string[] | undefined;
  plot_suffix?: string | undefined;
  partial: string[];
}

/** Room is asked of temporary directories, and computed from arguments that there are. */
export function checkSpace(definition: Room, check: Checker): void {
  const { space } = definition;
  const issue: Issue = (path, message) =>
    check.addIssue({ code: 'custom', path: ['space', ...path], message });
  if (isForEach(space)) {
    const argument = definition.arguments[space.per];
    if (argument === undefined) issue(['per'], `there is no argument "${space.per}"`);
    else if (argument.type !== 'integer')
      issue(
        ['per'],
        `"${space.per}" is no argument with "type: integer", and only of numbers there are so many`,
      );
    return checkShares(definition, space, [], issue);
  }
  const { by, ...sizes } = space;
  for (const [index, name] of (by ?? []).entries())
    if (definition.arguments[name] === undefined) issue(['by', index], `there is no argument "${name}"`);
  for (const [size, shares] of Object.entries(sizes)) {
    const parts = size.split('/');
    const names = by ?? [definition.size_argument];
    const odd = parts.findIndex(
      (part, index) => definition.arguments[names[index] ?? '']?.type === 'integer' && !/^-?\d+$/.test(part),
    );
    if (parts.length > names.length)
      issue([size], `a size such as "32" is wanted, not "${size}": ${wantsBy(by, parts.length)}`);
    else if (odd !== -1) issue([size], `"${parts[odd]}" is no value of '${names[odd]}', which is a number`);
    checkShares(definition, shares, [size], issue);
  }
}

function wantsBy(by: readonly string[] | undefined, parts: number): string {
  return by === undefined
    ? `sizes by ${parts} arguments need their names, such as "by: [k, compression]"`
    : `"by" names ${by.length === 1 ? 'one argument' : `${by.length} arguments`}`;
}

function checkShares(
  definition: Room,
  { temp }: Pick<SpaceDefinition, 'temp'>,
  path: (string | number)[],
  issue: Issue,
): void {
  for (const name of Object.keys(temp))
    if (definition.arguments[name]?.role !== 'temp')
      issue([...path, 'temp', name], `"${name}" is no argument with "role: temp"`);
}

/** Open files are counted by arguments that there are. */
export function checkOpenFiles(
  { arguments: all, open_files }: Pick<Room, 'arguments'> & { open_files?: OpenFiles | undefined },
  check: Checker,
): void {
  const unknown = (name: string, ...path: (string | number)[]) => {
    if (all[name] === undefined)
      check.addIssue({
        code: 'custom',
        path: ['open_files', ...path],
        message: `there is no argument "${name}"`,
      });
  };
  for (const [index, name] of (open_files?.largest_of ?? []).entries()) unknown(name, 'largest_of', index);
  for (const name of Object.keys(open_files?.times ?? {})) unknown(name, 'times', name);
}

/** One suffix is a name's; an unfinished file is not named like a finished one. */
export function checkSuffixes({ suffixes, plot_suffix, partial }: Suffixes, check: Checker): void {
  const issue: Issue = (path, message) => check.addIssue({ code: 'custom', path, message });
  if (plot_suffix !== undefined && suffixes?.includes(plot_suffix) === false)
    issue(['plot_suffix'], `"${plot_suffix}" is none of the suffixes: ${suffixes.join(', ')}`);
  if (plot_suffix !== undefined && plot_suffix !== '' && !plotSuffixSchema.safeParse(plot_suffix).success)
    issue(['plot_suffix'], 'expected a suffix such as ".plot", or none ("")');
  const finished = suffixes ?? [plot_suffix ?? DEFAULT_SUFFIX];
  for (const [index, suffix] of partial.entries()) {
    const same = finished.find((each) => each !== '' && suffix.endsWith(each)) ?? plotEnding(suffix);
    if (same !== null)
      issue(['partial', index], `an unfinished file is not named like a finished one ("${same}")`);
  }
}
