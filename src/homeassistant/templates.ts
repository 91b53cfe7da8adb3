/**
 * Jinja templates, as Home Assistant renders them. JSON's `null` renders as `None`, which Home Assistant takes as no
 * value on every platform, and a boolean as `True` or `False`.
 */

/** A state that is longer becomes unknown, with a warning. */
const MAX_STATE = 255;

/** One key of a JSON object. Before a device goes, its entities see their topics cleared: that is no JSON. */
export function value(key: string): string {
  return `{{ value_json.${key} if value else none }}`;
}

/** The beginning of a text that may be long. */
export function head(key: string): string {
  return `{{ (value_json.${key} | string)[:${MAX_STATE}] if value else none }}`;
}

/** The end of a text that may be long. */
export function tail(key: string): string {
  return `{{ (value_json.${key} | string)[-${MAX_STATE}:] if value else none }}`;
}

/** A key that is true or false, or either of two, where a topic that was cleared says `False`: what has gone is on no more. */
export function flag(key: string, also?: string): string {
  const either = also === undefined ? `value_json.${key}` : `(value_json.${key} or value_json.${also})`;
  return `{{ ${either} if value else false }}`;
}

/** Attributes, each with its key. */
export function attributes(keys: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(keys).map(([name, key]) => `'${name}': value_json.${key}`);
  return `{{ ({${pairs.join(', ')}} if value else {}) | to_json }}`;
}

const BYTES_PER_GIB = 1024 ** 3;

/**
 * The free space of one directory among the host's disks, in GiB; no value where it is away. Of several that are shown
 * with this path it is the `nth`, from 0 on.
 */
export function freeSpace(path: string, nth: number): string {
  const disks = `value_json.disks | selectattr('path', 'eq', ${quoted(path)})`;
  const all = `${disks} | map(attribute='free_bytes')`;
  return (
    `{% set free = ${nth === 0 ? all : `(${all} | list)[${nth}:]`} | first %}` +
    `{{ (free / ${BYTES_PER_GIB}) | round(1) if free is number else none }}`
  );
}

/** The message as it is, unless its event type is one of these: an empty result is no event. */
export function eventsBut(types: readonly string[]): string {
  return `{{ '' if value_json.event_type in [${types.map(quoted).join(', ')}] else value }}`;
}

/** A text in Jinja, whose escapes are those of JSON; without what could be taken for the end of the template. */
function quoted(text: string): string {
  const escaped = (letter: string) => `\\u00${letter.charCodeAt(0).toString(16)}`;
  return JSON.stringify(text).replace(/[{}%]/g, escaped);
}

/** How many there are in a list. */
export function count(key: string): string {
  return `{{ value_json.${key} | count if value else none }}`;
}

/** Whether a move has failed since its last file arrived, or leaves one alone. */
export function moveProblem(): string {
  return `{{ (value_json.state == 'blocked' or value_json.failures > 0) if value else false }}`;
}

/** What is on its way, without what moves all the time: each change is a row in the recorder. */
export function activeMoves(): string {
  const texts = ['plot', 'from', 'to'].map((key) => `"${key}": {{ each.${key} | to_json }}`);
  const one = `{${texts.join(', ')}, "size": {{ each.size }}, "progress": {{ each.progress | int }}}`;
  const list = '(value_json.active if value else [])';
  return `{"active": [{% for each in ${list} %}{{ '' if loop.first else ',' }}${one}{% endfor %}]}`;
}
