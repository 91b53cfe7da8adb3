import type { Checker } from './plotter-checks.ts';
import type { ArgumentDefinition } from './plotter-parts.ts';
import type { Several } from './plotter-several.ts';

interface Flags {
  arguments: Record<string, ArgumentDefinition>;
  words: string[];
  several?: Several | undefined;
  other_flags?: Record<string, string[]> | undefined;
}

/** A program told one thing twice takes the last of it: each flag says one thing, and other spellings are of a flag. */
export function checkFlags({ arguments: all, words, several, other_flags }: Flags, check: Checker): void {
  const issue = (path: (string | number)[], message: string) =>
    check.addIssue({ code: 'custom', path, message });
  const taken = new Map<string, { by: string; group: string | undefined }>();
  if (several !== undefined) taken.set(several.flag, { by: 'several', group: undefined });
  for (const [name, { flag, one_of: group }] of Object.entries(all)) {
    if (flag === undefined) continue;
    const before = taken.get(flag);
    // Of a group only one is there.
    if (before !== undefined && (group === undefined || before.group !== group))
      issue(['arguments', name, 'flag'], `"${flag}" is the flag of "${before.by}" already`);
    else taken.set(flag, { by: name, group });
  }
  for (const flag of Object.keys(other_flags ?? {}))
    if (!taken.has(flag) && !words.includes(flag))
      issue(['other_flags', flag], `"${flag}" is no flag of an argument, nor a word of the definition`);
}
