import type { Command, RequestName } from '../../contract/commands.ts';
import { EVENTS_DEFAULT, type EventsQuery } from '../../contract/event-query.ts';
import { HISTORY_DEFAULT, type HistoryQuery } from '../../contract/history.ts';
import { ID_MAX_LENGTH, ID_PATTERN } from '../../contract/names.ts';
import {
  CommandRefusal,
  type Fields,
  fieldsOf,
  type Payload,
  type ReadValue,
  readBoolean,
  readEventsLimit,
  readHistoryLimit,
  readTime,
  textOf,
} from './payloads.ts';

/** What a topic asks for, before its payload is read. */
export type ReadCommand = (payload: Payload) => Command;

export function isId(text: unknown): text is string {
  return typeof text === 'string' && text.length <= ID_MAX_LENGTH && ID_PATTERN.test(text);
}

/** The job that a request names: under its key in an object, or typed by hand. */
function requestedJob(payload: Payload, key: 'id' | 'job' = 'id'): string {
  const job = jobIfAny(payload, key);
  if (job === null) throw new CommandRefusal('invalid_payload', `"${key}" is missing`, key);
  return job;
}

function jobIfAny(payload: Payload, key: 'id' | 'job'): string | null {
  const id = payload.kind === 'text' ? textOf(payload) : payload.fields[key];
  if (id === undefined || id === null || id === '') return null;
  if (!isId(id)) throw new CommandRefusal('unknown_job', 'there is no such job', key);
  return id;
}

function withoutId({ id: _, ...fields }: Fields): Fields {
  return fields;
}

/** Refuses what a request doesn't take. */
function onlyFields(fields: Fields, known: readonly string[]): void {
  const unknown = Object.keys(fields).find((key) => !known.includes(key));
  if (unknown !== undefined)
    throw new CommandRefusal('invalid_payload', `unknown field "${unknown}": ${known.join(', ')}`, unknown);
}

/** Of which job, since when, and how many of the last ones. */
function readQuery(payload: Payload, most: number, readLimit: ReadValue<number>): HistoryQuery & EventsQuery {
  const job = jobIfAny(payload, 'job');
  if (payload.kind === 'text') return { job, since: null, limit: most };
  onlyFields(payload.fields, ['job', 'since', 'limit']);
  const { since, limit } = payload.fields;
  return {
    job,
    since: since === undefined || since === null ? null : readTime(since, 'since'),
    limit: readLimit(limit ?? most, 'limit'),
  };
}

/** What each request asks for (`B/bridge/request/<name>`). */
const REQUESTS: Readonly<Record<RequestName, ReadCommand>> = {
  'job/create'(payload) {
    const { id, ...fields } = fieldsOf(payload);
    if (id === undefined || id === null) throw new CommandRefusal('invalid_payload', '"id" is missing', 'id');
    if (!isId(id))
      throw new CommandRefusal(
        'invalid_config',
        `lower-case letters and digits, in groups joined by one "_" or "-", at most ${ID_MAX_LENGTH} characters`,
        'id',
      );
    return { type: 'create_job', job: id, fields };
  },
  'job/update'(payload) {
    const fields = fieldsOf(payload);
    return { type: 'update_job', job: requestedJob(payload), fields: withoutId(fields) };
  },
  'job/delete'(payload) {
    const job = requestedJob(payload);
    if (payload.kind === 'text') return { type: 'delete_job', job, dismiss: false };
    onlyFields(payload.fields, ['id', 'dismiss']);
    const dismiss = readBoolean(payload.fields.dismiss ?? false, 'dismiss');
    return { type: 'delete_job', job, dismiss };
  },
  'job/get': (payload) => ({ type: 'get_job', job: requestedJob(payload) }),
  'job/list': () => ({ type: 'list_jobs' }),
  history: (payload) => ({ type: 'history', ...readQuery(payload, HISTORY_DEFAULT, readHistoryLimit) }),
  events: (payload) => ({ type: 'events', ...readQuery(payload, EVENTS_DEFAULT, readEventsLimit) }),
  why: (payload) => ({ type: 'why', job: requestedJob(payload, 'job') }),
  reload: () => ({ type: 'reload' }),
};

function isRequest(name: string): name is RequestName {
  return Object.hasOwn(REQUESTS, name);
}

/** What a request of this name asks for; `undefined` where there is none. */
export function requestOf(name: string): ReadCommand | undefined {
  return isRequest(name) ? REQUESTS[name] : undefined;
}
