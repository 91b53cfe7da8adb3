/** Blanks, line ends, and characters that nobody sees but that come along when text is copied. */
const BLANKS = /[\s\p{Cf}]/gu;

/**
 * What came along when a key or an address was copied from elsewhere, in words, and the text without it.
 * @param prefix what may stand before it and doesn't belong to it
 */
export function pasted(text: string, prefix?: RegExp): { clean: string; extra: string | null } {
  const tight = text.replace(BLANKS, '');
  const unquoted = tight.replace(/^(["'`])(.*)\1$/, '$2');
  const [start = ''] = prefix?.exec(unquoted) ?? [];
  const extra = [
    ...(start === '' ? [] : [`the "${start}" before it`]),
    ...(unquoted === tight ? [] : ['quotes of its own']),
    ...(tight === text ? [] : ['blanks and line ends']),
  ];
  return {
    clean: unquoted.slice(start.length),
    extra: extra.length === 0 ? null : `must be without ${extra.join(', without ')}`,
  };
}
