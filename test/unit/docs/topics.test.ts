import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { topics } from '../../../src/contract/topics.ts';
import { commandOf } from '../../../src/mqtt/command-table.ts';
import { filterMatches } from '../../../src/mqtt/filter-matches.ts';

const page = readFileSync(new URL('../../../docs/topics.md', import.meta.url), 'utf8');
const [state = '', commands = ''] = page.split('## Commands');
const EXAMPLES = { '<job>': 'demo', '<slot>': '1', '<name>': 'next', '<key>': 'state', '<type>': 'job_end' };

function topicsIn(text: string): string[] {
  const found = [...text.matchAll(/^\| `B\/(\S+)` \|/gm)].map(([, topic = '']) => topic);
  return found.map((topic) =>
    Object.entries(EXAMPLES).reduce((rest, [from, to]) => rest.replaceAll(from, to), topic),
  );
}

it('docs/topics.md names commands that the daemon knows and hears', () => {
  const told = topicsIn(commands);
  expect(told).toHaveLength(19);
  for (const rest of told) {
    expect(() => commandOf(rest), rest).not.toThrow();
    expect(
      topics('B').commandFilters.some((filter) => filterMatches(filter, `B/${rest}`)),
      rest,
    ).toBe(true);
  }
});

it('docs/topics.md names the topics that the daemon publishes', () => {
  const { bridgeState, bridgeInfo, bridgeHealth, bridgeStats, host, event, ...of } = topics('B');
  const published = [bridgeState, bridgeInfo, bridgeHealth, bridgeStats, host, event];
  published.push(
    of.jobEvent('demo', 'job_end'),
    of.job('demo'),
    of.jobKey('demo', 'state'),
    of.worker('demo', 1),
  );
  expect(topicsIn(state).map((rest) => `B/${rest}`)).toEqual([...published, 'B/job/demo/worker/1/state']);
});
