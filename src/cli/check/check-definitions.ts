import type { PlotterDefinition } from '../../config/schema/plotter.ts';
import { IN_VAIN, saidOfOtherTypes } from '../../config/schema/plotter-argument-checks.ts';
import { isForEach } from '../../config/schema/plotter-space.ts';
import type { Misfit } from './check-job.ts';

/** What of a user's own definition can be read, and yet can't be what was meant. */
export function checkDefinition(id: string, definition: PlotterDefinition): Misfit[] {
  const at = (path: (string | number)[], message: string): Misfit => ({
    path: ['plotters', id, ...path],
    at: 'key',
    message: `plotter '${id}': ${message}`,
    warning: true,
  });
  return [
    ...saidInVain(definition).map(({ name, key, message }) => at(['arguments', name, key], message)),
    ...flagsOfSeveral(definition).map(({ name, message }) => at(['arguments', name, 'flag'], message)),
    ...whereNoPlotIsNamed(definition).map((message) => at(['patterns'], message)),
    ...whereNoRoomIsLookedAt(definition).map((message) => at(['space'], message)),
    ...countsOfNothing(definition).map((index) => at(['patterns', index, 'inside'], OF_NOTHING)),
  ];
}

/** Keys that are only for arguments of other types. */
function saidInVain({ arguments: all }: PlotterDefinition) {
  return Object.entries(all).flatMap(([name, argument]) =>
    saidOfOtherTypes(argument, IN_VAIN).map(({ key, type }) => ({
      ...{ name, key },
      message: `"${key}" says nothing of an argument that isn't of "type: ${type}"`,
    })),
  );
}

/** A program that is told one thing twice mostly takes the last of it. */
function flagsOfSeveral({ arguments: all }: PlotterDefinition): { name: string; message: string }[] {
  const taken = new Map<string, { by: string; group: string | undefined }>();
  return Object.entries(all).flatMap(([name, { flag, one_of: group }]) => {
    const before = flag === undefined ? undefined : taken.get(flag);
    if (flag !== undefined) taken.set(flag, { by: name, group });
    // Of a group only one is there.
    if (before === undefined || (group !== undefined && before.group === group)) return [];
    return [{ name, message: `"${flag}" is the flag of "${before.by}" already` }];
  });
}

function whereNoPlotIsNamed({ success, patterns }: PlotterDefinition): string[] {
  if (success !== 'exists' || patterns.some(({ plot_name, final_file }) => plot_name || final_file))
    return [];
  return [
    'no pattern has "plot_name: true" or "final_file: true", so no plot would ever count; where no line names it: "success: { produced: … }"',
  ];
}

/** Sizes that nobody can look up leave the room unchecked, without a word. */
function whereNoRoomIsLookedAt({ space, size_argument, arguments: all }: PlotterDefinition): string[] {
  const unchecked = 'so that room is never looked at';
  if (isForEach(space)) {
    const argument = all[space.per];
    return argument === undefined || argument.default !== undefined || argument.required
      ? []
      : [`"${space.per}" may have no value, ${unchecked} then: give it a default, or make it required`];
  }
  const { by, ...sizes } = space;
  return by !== undefined || Object.keys(sizes).length === 0 || all[size_argument] !== undefined
    ? []
    : [`there is no argument "${size_argument}", ${unchecked}: name another in "size_argument" or "by"`];
}

const OF_NOTHING =
  'the group "done" says nothing without "of", how many there are: a group, or what a pattern has "set"';

/** Patterns that count without anybody knowing of how many. */
function countsOfNothing({ patterns }: PlotterDefinition): number[] {
  const isSet = patterns.some(({ set }) => set.of !== undefined);
  return patterns.flatMap(({ match, inside }, index) => {
    const counts = inside !== undefined && /\(\?<done>/.test(match);
    return counts && !isSet && !/\(\?<(?:of|percent)>/.test(match) ? [index] : [];
  });
}
