import { describe, expect, it } from 'vitest';
import { everyKey, PUBLISHED_KINDS, publishedTopic } from '../../../src/contract/published.ts';
import { isObjectTopic, isRetained, routeOf } from '../../../src/contract/routes.ts';
import { flag, id, listOf, nullable, objectOf, text, time } from '../../../src/contract/rows/carriers.ts';
import { plainKeysOf, viewSchema } from '../../../src/contract/rows/row.ts';
import { topics } from '../../../src/contract/topics.ts';
import { filterMatches } from '../../../src/mqtt/filter-matches.ts';

const all = PUBLISHED_KINDS.map(publishedTopic);
const objects = all.flatMap(({ path, rows }) => (rows ? [{ path, rows }] : []));
const EXAMPLES = { '<job>': 'demo', '<slot>': '1', '<move>': 'farm', '<type>': 'job_end' };
const example = (path: string) =>
  Object.entries(EXAMPLES).reduce((rest, [from, to]) => rest.replaceAll(from, to), path);

describe('rows', () => {
  // What is masked is known by the key alone: on plain topics and inside answers there is nothing else.
  it('carry under one key text of free form, or what is never masked, not the one here and the other there', () => {
    const free = new Set(everyKey().flatMap(([key, { isFree }]) => (isFree ? [key] : [])));
    const fixed = everyKey().flatMap(([key, { isFree, words }]) => (isFree || words ? [] : [key]));
    expect(fixed.filter((key) => free.has(key))).toEqual([]);
  });

  it.each(objects)('of $path have entities whose attributes are keys of the same object', ({ rows }) => {
    const named = Object.values(rows).flatMap(({ entity }) => Object.values(entity?.attributes ?? {}));
    expect(named.filter((key) => !(key in rows))).toEqual([]);
  });

  it('take what they tell of, and nothing else', () => {
    const rows = {
      name: { is: id },
      holds: { is: listOf(objectOf({ name: id, until: nullable(time) })) },
      waits: { is: flag },
      error: { is: nullable(text) },
    };
    const view = {
      ...{ name: 'a', waits: true, error: null },
      holds: [{ name: 'night', until: '2026-11-26T00:00:00.000Z' }],
    };
    const takes = (other: object) => viewSchema(rows).safeParse(other).success;
    expect(takes(view)).toBe(true);
    expect(takes({ ...view, error: undefined })).toBe(false);
    expect(takes({ ...view, more: 1 })).toBe(false);
    expect(takes({ ...view, waits: 'ON' })).toBe(false);
    expect(takes({ ...view, holds: [{ name: 'night', until: 'soon' }] })).toBe(false);
  });
});

describe('topics', () => {
  it.each(PUBLISHED_KINDS)('of the kind %s are known again, and what stands alone below', (kind) => {
    const { path, rows = {}, retained } = publishedTopic(kind);
    const topic = `B/${example(path)}`;
    expect(routeOf('B', topic)).toMatchObject({ kind, key: null });
    expect(isRetained('B', topic)).toBe(retained);
    expect(isObjectTopic('B', topic)).toBe('rows' in publishedTopic(kind));
    for (const key of Object.keys(rows)) {
      const plain = plainKeysOf(rows).includes(key);
      expect(routeOf('B', `${topic}/${key}`)?.key, key).toBe(plain ? key : undefined);
      expect(isRetained('B', `${topic}/${key}`)).toBe(plain);
      expect(isObjectTopic('B', `${topic}/${key}`)).toBe(false);
    }
  });

  it.each(all.filter(({ retained }) => retained))(
    'below $path are looked at for what is retained',
    (kind) => {
      const topic = `B/${example(kind.path)}`;
      const keys = plainKeysOf(kind.rows ?? {}).map((key) => `${topic}/${key}`);
      for (const each of [topic, ...keys])
        expect(topics('B').retainedFilters.some((filter) => filterMatches(filter, each))).toBe(true);
    },
  );

  it.each([
    'B',
    'B/',
    'B/job',
    'B/job/',
    'B/job/a/nothing',
    'B/job/a/worker/0',
    'B/job/a/worker/x/eta',
    'A/host',
  ])('of others are none: %s', (topic) => {
    expect(routeOf('B', topic)).toBeUndefined();
  });
});
