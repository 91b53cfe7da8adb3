import type { FreeForm } from '../config/mask-json.ts';
import type { Door } from './door.ts';
import type { Publication } from './connection/session.ts';

/**
 * A message as it leaves. Connections publish nothing else, and none can be made without the door, so that nothing
 * that is secret goes out by another way: the compiler sees to it, since no other object has the mark.
 */
export class MaskedMessage implements Publication {
  readonly topic: string;
  readonly payload: string;
  readonly retain: boolean;
  readonly correlationData: Buffer | undefined;
  /** For the compiler alone. */
  declare protected readonly isMasked: true;

  /** `isFree` as the door takes it. */
  constructor(open: Publication, door: Door, isFree?: FreeForm) {
    this.topic = open.topic;
    this.payload = door.hide(open.topic, open.payload, isFree);
    this.retain = open.retain;
    this.correlationData = open.correlationData;
  }
}
