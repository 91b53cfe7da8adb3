import type { PlotterDefinition } from '../../config/schema/plotter.ts';
import { isForEach } from '../../config/schema/plotter-space.ts';
import type { Misfit } from './check-job.ts';

/** What of a user's own definition can be read, and yet can't be what was meant. */
export function checkDefinition(id: string, definition: PlotterDefinition): Misfit[] {
  const at = (path: (string | number)[], message: string, warning: boolean): Misfit => ({
    path: ['plotters', id, ...path],
    at: 'key',
    message: `plotter '${id}': ${message}`,
    ...(warning ? { warning } : {}),
  });
  return [
    ...whereNoPlotIsNamed(definition).map((message) => at(['patterns'], message, false)),
    ...whereNoRoomIsLookedAt(definition).map((message) => at(['space'], message, true)),
    ...countsOfNothing(definition).map((index) => at(['patterns', index, 'inside'], OF_NOTHING, true)),
  ];
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
