import { readFile, stat } from 'node:fs/promises';
import type { MqttSettings } from '../../config/schema/mqtt.ts';
import { refusalOf } from '../../mqtt/connection/refusals.ts';
import type { Misfit } from './check-job.ts';
import { connectOnce } from '../connection.ts';

/** How long a broker may take to answer, in milliseconds. */
const BROKER_MS = 5_000;
/** Nobody ran this program before. */
const EARLIEST = Date.UTC(2026, 0, 1);
/** Clocks of two machines that share a disk differ. */
const TOLERANCE_MS = 3_600_000;

/** Whether the external broker takes this configuration; one that is away may come later, and is a warning. */
export async function checkBroker(settings: MqttSettings): Promise<Misfit[]> {
  if (settings.broker === 'embedded') return [];
  try {
    const client = await connectOnce(settings, BROKER_MS);
    client.end(true);
    return [];
  } catch (error) {
    const { kind, text } = refusalOf(error);
    const refused = kind.startsWith('code ');
    const message = refused
      ? `the broker can be reached, but ${text}`
      : `the broker can't be reached now: ${text}; the daemon would work on and try again`;
    return [{ path: ['mqtt', 'broker'], at: 'value', message, warning: !refused }];
  }
}

/** A clock that was never set: replotting, delays, names of plots and "today" go by it. */
export async function checkClock(file: string, now: number): Promise<Misfit[]> {
  const written = (await stat(file)).mtimeMs;
  if (now >= EARLIEST && now + TOLERANCE_MS >= written) return [];
  const message =
    `the clock of this machine says ${new Date(now).toISOString()}, which can't be: ` +
    'set it (timedatectl set-ntp true), replotting and delays go by it';
  return [{ path: [], at: 'value', message, warning: true }];
}

/** How many files a process of this account may have open, where the system says so. */
export async function openFilesLimit(): Promise<number | null> {
  const limits = await readFile('/proc/self/limits', 'utf8').catch(() => '');
  // The hard limit: Node.js raises its own to it, and what it starts inherits that.
  const hard = /^Max open files\s+\S+\s+(\d+)/m.exec(limits)?.[1];
  return hard === undefined ? null : Number(hard);
}
