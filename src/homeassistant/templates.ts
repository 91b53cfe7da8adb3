/**
 * Jinja templates, as Home Assistant renders them. JSON's `null` renders as `None`, which Home Assistant takes as no
 * value on every platform, and a boolean as `True` or `False`.
 */
import { BYTES_PER_GIB, BYTES_PER_MIB } from '../util/bytes.ts';

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

/** A number without its digits: each change of a state is a row in the recorder. */
export function whole(key: string): string {
  return `{{ value_json.${key} | int(none) if value else none }}`;
}

/** Bytes in MiB, as room is in GiB. */
export function mebibytes(key: string): string {
  return (
    `{% set bytes = value_json.${key} if value else none %}` +
    `{{ (bytes / ${BYTES_PER_MIB}) | round(1) if bytes is number else none }}`
  );
}

/** The first of a list of numbers. */
export function first(key: string): string {
  return `{{ value_json.${key} | first if value else none }}`;
}

/** Whether a key is this word. */
export function isWord(key: string, word: string): string {
  return `{{ value_json.${key} == '${word}' if value else false }}`;
}

/** Whether a key is anything but this word. */
export function isNotWord(key: string, word: string): string {
  return `{{ value_json.${key} != '${word}' if value else false }}`;
}

/** Whether there is anything in a list. */
export function isAny(key: string): string {
  return `{{ value_json.${key} | count > 0 if value else false }}`;
}

/** The texts of a list, or the names of its objects, in one; `none` where there are none. */
export function joined(key: string, attribute?: string): string {
  const list = `value_json.${key}${attribute === undefined ? '' : ` | map(attribute='${attribute}')`}`;
  return `{{ ((${list} | join(', '))[:${MAX_STATE}] if value_json.${key} else 'none') if value else none }}`;
}

/** Whether a list has an object of this name. */
export function hasName(key: string, name: string): string {
  return `{{ '${name}' in (value_json.${key} | map(attribute='name') | list) if value else false }}`;
}

/** A number that has no meaning at 0. */
export function aboveZero(key: string): string {
  return `{{ (value_json.${key} if value_json.${key} > 0 else none) if value else none }}`;
}

/** Which of the file systems an entity is of: how its mount point is shown, and its place among those that look so. */
export interface FileSystemPlace {
  shown: string;
  nth: number;
}

/** All that look like a file system, from its place on. */
function placeOf({ shown, nth }: FileSystemPlace, attribute: string): string {
  const all = `value_json.filesystems | selectattr('path', 'eq', ${quoted(shown)}) | map(attribute='${attribute}')`;
  return `(${all} | list)[${nth}:]`;
}

/** What is said of a file system; no value where it is away. */
export function ofFileSystem(place: FileSystemPlace, key: string): string {
  return `{{ (${placeOf(place, key)} + [none]) | first if value else none }}`;
}

/** The same in GiB. */
export function gibOfFileSystem(place: FileSystemPlace, key: string): string {
  return (
    `{% set bytes = (${placeOf(place, key)} + [none]) | first if value else none %}` +
    `{{ (bytes / ${BYTES_PER_GIB}) | round(1) if bytes is number else none }}`
  );
}

/** `online` where the file system is there. */
export function fileSystemThere(place: FileSystemPlace): string {
  return `{{ ('online' if ${placeOf(place, 'path')} else 'offline') if value else 'offline' }}`;
}

/** Attributes of a file system, each with its key there. */
export function fileSystemAttributes(place: FileSystemPlace, keys: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(keys).map(
    ([name, key]) => `'${name}': (${placeOf(place, key)} + [none]) | first`,
  );
  return `{{ ({${pairs.join(', ')}} if value else {}) | to_json }}`;
}

/** What text says of a job that is blocked. */
export function blockedText(): string {
  return "{{ ({'text': value_json.waiting_text if value_json.blocked_reason != 'none' else none} if value else {}) | to_json }}";
}

/** The message as it is, unless its event type is one of these: an empty result is no event. */
export function eventsBut(types: readonly string[]): string {
  return `{{ '' if value_json.event_type in [${types.map(quoted).join(', ')}] else value }}`;
}

/** The message as it is, where its event type is one of these. */
export function eventsOf(types: readonly string[]): string {
  return `{{ value if value_json.event_type in [${types.map(quoted).join(', ')}] else '' }}`;
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
