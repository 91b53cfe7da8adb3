import type { FreeForm } from '../../config/mask-json.ts';
import type { PendingEvent } from './event-queue.ts';
import type { Publication } from '../connection/session.ts';

/** A retained topic: what should stand there, and what was last sent on this connection. */
export interface Slot {
  kind: 'slot';
  topic: string;
  wanted: string;
  sent: string | undefined;
  queued: boolean;
  /** What of it is text of free form, where the topic doesn't say. */
  isFree: FreeForm | undefined;
}

export interface Once {
  kind: 'once';
  message: Publication;
  /** The broker has it, or has refused it; `undefined`: it is an answer, and nobody asks. */
  done: (() => void) | undefined;
}

/** Waits until all before it is acknowledged. */
export interface Barrier {
  kind: 'barrier';
  reached: () => void;
}

/** What stands in the outbox's queue. */
export type Token = Slot | Once | Barrier | PendingEvent;

/** What goes out for a token next; `undefined` where an event was sent to all its topics. */
export function messageOf(token: Slot | Once): Publication;
export function messageOf(token: Slot | Once | PendingEvent): Publication | undefined;
export function messageOf(token: Slot | Once | PendingEvent): Publication | undefined {
  if (token.kind === 'once') return token.message;
  if (token.kind === 'slot') return { topic: token.topic, payload: token.wanted, retain: true };
  const topic = token.topics[token.sentTo];
  return topic === undefined ? undefined : { topic, payload: token.payload, retain: false };
}
