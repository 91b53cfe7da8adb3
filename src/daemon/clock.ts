import { randomBytes } from 'node:crypto';
import type { Surroundings } from '../engine/turn.ts';

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}

/** The real clock and real randomness. */
export const surroundings: Surroundings = {
  now: () => Date.now(),
  start: randomBytes(4).toString('hex'),
  random: () => randomBytes(4).toString('hex'),
  dateOf: (at) => {
    const date = new Date(at);
    return `${date.getFullYear()}-${twoDigits(date.getMonth() + 1)}-${twoDigits(date.getDate())}`;
  },
};
