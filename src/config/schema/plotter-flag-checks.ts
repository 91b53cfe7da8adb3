import type { Checker } from './plotter-checks.ts';
import type { ArgumentDefinition } from './plotter-parts.ts';
import type { Several } from './plotter-several.ts';

interface Flags {
  arguments: Record<string, ArgumentDefinition>;
  words: string[];
  several?: Several | undefined;
  other_flags?: Record<string, string[]> | undefined;
}

/** How many plots a run makes is said once, or the program takes the last of it; other spellings are of a flag. */
export function checkFlags({ arguments: all, words, several, other_flags }: Flags, check: Checker): void {
  const issue = (path: (string | number)[], message: string) =>
    check.addIssue({ code: 'custom', path, message });
  const flags = new Set(several === undefined ? [] : [several.flag]);
  for (const [name, { flag }] of Object.entries(all)) {
    if (flag === undefined) continue;
    if (flag === several?.flag)
      issue(['arguments', name, 'flag'], `"${flag}" is the flag of "several" already`);
    flags.add(flag);
  }
  for (const flag of Object.keys(other_flags ?? {}))
    if (!flags.has(flag) && !words.includes(flag))
      issue(['other_flags', flag], `"${flag}" is no flag of an argument, nor a word of the definition`);
}
