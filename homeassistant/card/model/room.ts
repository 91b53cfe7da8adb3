import type { States } from '../homeassistant.ts';
import { amountIn } from './amount.ts';
import type { Disk } from './disks.ts';
import { numberIn, textIn, timeIn, valueIn } from './values.ts';

/** The room on a file system, in bytes; `null` where it isn't known. */
export interface Room {
  free: number | null;
  total: number | null;
  /** What work in flight will still take of what is free. */
  reserved: number | null;
  /** `ok`, or why it is left out. */
  state: string | null;
  fullAt: number | null;
}

/** A file system's room. */
export function roomOf(states: States, disk: Disk): Room {
  const free = states[disk.free];
  return {
    free: amountIn(free),
    total: numberIn(free?.attributes.total_bytes),
    reserved: numberIn(free?.attributes.reserved_bytes),
    state: textIn(free?.attributes, 'disk_state'),
    fullAt: disk.fullAt === null ? null : timeIn(valueIn(states[disk.fullAt])),
  };
}

/** Less than a hundredth is free, and nothing is on its way there: most disks of a farm are full, and stay so. */
export function isFull({ free, total, reserved }: Room): boolean {
  return free !== null && total !== null && free < total / 100 && !reserved;
}

/** How a bar is divided: shares of the whole, from 0 to 1; `null` where the whole isn't known. */
export function shares({ free, total, reserved }: Room): { used: number; reserved: number } | null {
  if (free === null || total === null || total <= 0) return null;
  const used = Math.min(1, Math.max(0, 1 - free / total));
  return { used, reserved: Math.min(1 - used, Math.max(0, (reserved ?? 0) / total)) };
}
