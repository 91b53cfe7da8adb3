import type { YAMLError } from 'yaml';

export const UNKNOWN_ALIAS =
  'an alias (*) must name an anchor (&) that stands before it; put text that begins with "*" in quotes';
const NO_COLON = 'a ":" and a blank behind it are missing after a key, as in "temp_dir: /mnt/ssd"';
const UNCLOSED = 'a bracket or a brace that is opened before is not closed here';

/**
 * What is wrong with a YAML text, by the parser's code, in words for who writes it. They never quote the text: it may
 * be a password.
 */
const MESSAGES: Readonly<Record<string, string | ((said: string) => string)>> = {
  BAD_ALIAS: UNKNOWN_ALIAS,
  BAD_DQ_ESCAPE: 'unknown escape sequence in a text in double quotes: write "\\\\" for a backslash',
  BAD_INDENT: (said) =>
    said.startsWith('Flow')
      ? UNCLOSED
      : 'the keys of one map, and the items of one list, begin in one column',
  BAD_SCALAR_START: 'text that begins with "%", "@" or "`" needs quotes',
  BLOCK_AS_IMPLICIT_KEY:
    'a second ": " in one line, or the next line is indented too deep: put text with ": " in quotes',
  DUPLICATE_KEY: 'this key stands here twice',
  KEY_OVER_1024_CHARS: NO_COLON,
  MISSING_CHAR: (said) => {
    if (said.startsWith('Missing closing')) return 'a text is opened by a quote that is not closed';
    return said.startsWith('Implicit') ? NO_COLON : 'a comma or a ":" is missing between braces or brackets';
  },
  MULTILINE_IMPLICIT_KEY: NO_COLON,
  MULTIPLE_DOCS: 'a second document begins here: the configuration is one',
  RESOURCE_EXHAUSTION: 'nested too deeply',
  TAB_AS_INDENT: 'lines are indented with blanks, not with tabs',
  TAG_RESOLVE_FAILED:
    'unknown tag: only !secret and the name of one is known; put text that begins with "!" in quotes',
  UNEXPECTED_TOKEN: `unexpected text here: is a quote, a bracket or an indentation wrong? Between braces, "\${NAME}" needs quotes`,
};

export function syntaxMessage({ code, message }: YAMLError): string {
  const words = MESSAGES[code];
  return typeof words === 'function' ? words(message) : (words ?? message);
}
