import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { PUBLISHED, type PublishedTopic, pathsOf } from '../../../src/contract/published.ts';
import { routeOf } from '../../../src/contract/routes.ts';
import { plainKeysOf } from '../../../src/contract/rows/row.ts';
import { topics } from '../../../src/contract/topics.ts';
import { commandOf } from '../../../src/mqtt/commands/command-table.ts';
import { filterMatches } from '../../../src/mqtt/filter-matches.ts';

const page = readFileSync(new URL('../../../docs/topics.md', import.meta.url), 'utf8');
const [state = '', commands = ''] = page.split('## Commands');
const EXAMPLES = {
  '<job>': 'demo',
  '<slot>': '1',
  '<move>': 'farm',
  '<name>': 'next',
  '<type>': 'job_end',
};

function topicsIn(text: string): string[] {
  const found = [...text.matchAll(/^\| `B\/(\S+)` \|/gm)].map(([, topic = '']) => topic);
  return found.map(asExample);
}

function asExample(topic: string): string {
  return Object.entries(EXAMPLES).reduce((rest, [from, to]) => rest.replaceAll(from, to), topic);
}

it('docs/topics.md names commands that the daemon knows and hears', () => {
  const told = topicsIn(commands);
  expect(told).toHaveLength(27);
  for (const rest of told) {
    expect(() => commandOf(rest), rest).not.toThrow();
    expect(
      topics('B').commandFilters.some((filter) => filterMatches(filter, `B/${rest}`)),
      rest,
    ).toBe(true);
  }
});

it('docs/topics.md names the topics that the daemon publishes', () => {
  const published = Object.values<PublishedTopic>(PUBLISHED);
  expect(topicsIn(state)).toEqual(published.flatMap(pathsOf).map(asExample));
  for (const { path, rows } of published)
    for (const rest of [path, ...plainKeysOf(rows ?? {}).map((key) => `${path}/${key}`)])
      expect(routeOf('B', `B/${asExample(rest)}`), rest).toBeDefined();
});
