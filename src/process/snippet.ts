/** Where a plotter's arguments go in its shell snippet. */
export const ARGUMENTS = '"$@"';

/** Where a post-command wants the final plot's name. */
export const PLOT = '%plot%';

/**
 * A plotter's shell snippet, with `"$@"` appended where it doesn't say itself where its arguments go. White space at
 * its end (YAML's block scalars leave a newline there) would otherwise make a command of its own of them.
 */
export function snippetWithArguments(snippet: string): string {
  return snippet.includes(ARGUMENTS) ? snippet : `${snippet.trimEnd()} ${ARGUMENTS}`;
}

/** A word as a POSIX shell reads it back, whatever is in it. What needs no quotes has none. */
export function quoteForShell(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
