/** Where a plotter's arguments go in its shell snippet. */
export const ARGUMENTS = '"$@"';

/**
 * A plotter's shell snippet, with `"$@"` appended where it doesn't say itself where its arguments go. White space at
 * its end (YAML's block scalars leave a newline there) would otherwise make a command of its own of them.
 */
export function snippetWithArguments(snippet: string): string {
  return snippet.includes(ARGUMENTS) ? snippet : `${snippet.trimEnd()} ${ARGUMENTS}`;
}

/**
 * A word as a POSIX shell reads it back, whatever is in it. What needs no quotes has none, so that a snippet which puts
 * its own around `%plot%` works too.
 */
export function quoteForShell(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
