import { expect } from 'vitest';
import type { Bus, Message } from '../../support/e2e/bus.ts';

/** Numbers of the events that a client got, each once, as they came first. */
export function numbersOf(bus: Bus): number[] {
  return bus.events().map(({ seq }) => seq);
}

/** How many numbers are missing between the first and the last. */
export function missingIn(numbers: number[]): number {
  const first = numbers[0] ?? 0;
  return (numbers.at(-1) ?? first) - first + 1 - numbers.length;
}

/** Events came in order: none that is new came after a later one. */
export function expectInOrder(numbers: number[]): void {
  expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
}

const PLAIN: Record<string, string> = { null: 'None', true: 'ON', false: 'OFF' };

/** Each plain topic says what its object says, and no object lacks its plain topics. */
export function expectConsistent(retained: Map<string, Message>): void {
  let compared = 0;
  for (const [topic, { text }] of retained) {
    const [, parent = '', key = ''] = /^(.*)\/(\w+)$/.exec(topic) ?? [];
    const object = retained.get(parent);
    if (object === undefined || !/^plot2mqtt\/job\/[^/]+(\/worker\/\d+)?$/.test(parent) || key === 'worker')
      continue;
    const value: unknown = JSON.parse(object.text)[key];
    const plain = Array.isArray(value) ? String(value.length) : String(value);
    expect(`${topic} ${text}`).toBe(`${topic} ${PLAIN[plain] ?? plain}`);
    compared += 1;
  }
  expect(compared).toBeGreaterThan(10);
}

/** A topic's object, as a broker has it. */
export function objectOn(retained: Map<string, Message>, topic: string): Record<string, unknown> {
  return JSON.parse(retained.get(topic)?.text ?? '{}');
}
