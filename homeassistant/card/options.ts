import type { Daemon } from './model/farm.ts';
import { isRecord } from './model/values.ts';

/** What the card is to show. */
export interface Options {
  /** How many hours of the past. */
  hours: number;
  /** Ids of jobs, `*` standing for any part; empty: all. */
  jobs: readonly string[];
  /** Base topics; empty: all daemons. */
  baseTopics: readonly string[];
  /** Disks and moves are shown. */
  disks: boolean;
}

export const DEFAULT_HOURS = 12;
export const MAX_HOURS = 168;

/** Reads a card's configuration; throws what is wrong with it, which Home Assistant shows in the card's place. */
export function optionsOf(config: unknown): Options {
  if (!isRecord(config)) throw new Error('The card has no configuration');
  return {
    hours: hoursOf(config.hours ?? DEFAULT_HOURS),
    jobs: listOf('jobs', config.jobs),
    baseTopics: listOf('base_topic', config.base_topic),
    disks: flagOf('disks', config.disks ?? true),
  };
}

function hoursOf(hours: unknown): number {
  if (typeof hours !== 'number' || !(hours >= 1 && hours <= MAX_HOURS))
    throw new Error(`"hours" is to be a number from 1 to ${MAX_HOURS}`);
  return hours;
}

function flagOf(name: string, value: unknown): boolean {
  if (typeof value !== 'boolean') throw new Error(`"${name}" is to be true or false`);
  return value;
}

function listOf(name: string, value: unknown): string[] {
  const list = Array.isArray(value)
    ? value
    : value === undefined || value === null || value === ''
      ? []
      : [value];
  const texts = list.map((each: unknown) => {
    if (typeof each !== 'string') throw new Error(`"${name}" is to be a text or a list of texts`);
    return each;
  });
  // The editor's form has an empty one while somebody is about to type.
  return texts.filter((each) => each !== '');
}

/** Of all daemons what the card is to show of them. */
export function chosen(daemons: readonly Daemon[], options: Options): Daemon[] {
  const { jobs, baseTopics } = options;
  const wanted = jobs.map(patternOf);
  return daemons
    .filter(({ baseTopic }) => baseTopics.length === 0 || baseTopics.includes(baseTopic))
    .map((daemon) => ({
      ...daemon,
      jobs: daemon.jobs.filter(({ id }) => wanted.length === 0 || wanted.some((each) => each.test(id))),
    }));
}

function patternOf(pattern: string): RegExp {
  const parts = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`);
}
