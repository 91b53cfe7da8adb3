/**
 * Jinja templates, as Home Assistant renders them. JSON's `null` renders as `None`, which Home Assistant takes as no
 * value on every platform, and a boolean as `True` or `False`.
 */

/** A template that shows one key of a JSON object. */
export type ValueTemplate<View> = (key: keyof View & string) => string;

/** A state that is longer becomes unknown, with a warning. */
const MAX_STATE = 255;

/**
 * Templates for the keys of one kind of object. `head` and `tail` are for texts that may be long. Before a device goes,
 * its entities see their topics cleared: an empty `value` is no JSON.
 */
export function templatesFor<View>(): Record<'value' | 'head' | 'tail' | 'attribute', ValueTemplate<View>> {
  return {
    value: (key) => `{{ value_json.${key} if value else none }}`,
    head: (key) => `{{ (value_json.${key} | string)[:${MAX_STATE}] if value else none }}`,
    tail: (key) => `{{ (value_json.${key} | string)[-${MAX_STATE}:] if value else none }}`,
    attribute: (key) => `{{ ({'${key}': value_json.${key}} if value else {}) | to_json }}`,
  };
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
