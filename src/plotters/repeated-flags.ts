import type { PlotterDefinition } from '../config/schema/plotter.ts';

/** What a word of a list repeats, and where in the list it stands. */
export interface RepeatedFlag {
  index: number;
  message: string;
}

interface Flag {
  spelling: string;
  /** What gives it already, in words. */
  given: string;
}

/**
 * Words that are flags which the definition has already (contract, section 2): given once more they would change what
 * it counts on, such as the number of plots.
 */
export function repeatedFlags(definition: PlotterDefinition, words: readonly string[]): RepeatedFlag[] {
  const flags = flagsOf(definition);
  return words.flatMap((word, index) => {
    const flag = flags.find(({ spelling }) => isFlag(word, spelling));
    if (flag === undefined) return [];
    return [{ index, message: `repeats the flag ${flag.spelling}: ${flag.given}` }];
  });
}

function flagsOf(definition: PlotterDefinition): Flag[] {
  const fixed = definition.words
    .filter((word) => word.startsWith('-'))
    .map((spelling) => ({ spelling, given: `the plotter always gets ${definition.words.join(' ')}` }));
  const { several } = definition;
  const count =
    several === undefined ? [] : [{ spelling: several.flag, given: 'it is what plots_per_run sets' }];
  const own = Object.entries(definition.arguments).flatMap(([name, { flag }]) =>
    flag === undefined ? [] : [{ spelling: flag, given: `it is what the argument '${name}' sets` }],
  );
  return [...fixed, ...count, ...own].flatMap((flag) => {
    const others = definition.other_flags?.[flag.spelling] ?? [];
    return [flag, ...others.map((spelling) => ({ ...flag, spelling }))];
  });
}

/** A flag alone, with its value behind `=`, or of a flag of one letter behind it at once. */
function isFlag(word: string, flag: string): boolean {
  if (word === flag || word.startsWith(`${flag}=`)) return true;
  return /^-[^-]$/.test(flag) && word.startsWith(flag);
}
