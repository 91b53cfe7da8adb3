import type { Rival } from './watch.ts';

/** Another daemon is alive where this one wants to be (contract, section 1: exit 3 at the start). */
export class BaseTopicTakenError extends Error {
  constructor(rival: Rival, baseTopic: string, address: string) {
    super(takenText(rival, baseTopic, address));
  }
}

/** What is wrong, for whoever reads the log. */
export function takenText({ base, by }: Rival, baseTopic: string, address: string): string {
  const who = by === 'version 1' ? 'another daemon' : `another daemon (instance ${by.instance})`;
  const where =
    base === baseTopic ? `the base topic "${base}"` : `the base topic "${base}", and one lies in the other`;
  return `mqtt.base_topic: "${baseTopic}" is taken: ${who} is alive on ${where} of ${address}; give each daemon its own`;
}
