/**
 * Minified code, its templates without indentation: a line break with spaces behind it is in a template of HTML alone,
 * where one space is as good. What stands in comments at the end stays.
 */
export function oneLineTemplates(code) {
  const end = code.indexOf('/*!');
  const own = end < 0 ? code : code.slice(0, end);
  return own.replace(/\n +/g, ' ') + code.slice(own.length);
}
