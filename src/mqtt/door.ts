import type { GrowingMask } from '../config/mask.ts';
import { type FreeForm, maskJson } from '../config/mask-json.ts';
import { isObjectTopic } from '../contract/routes.ts';
import { isFreeForm } from './free-form.ts';

export type Secrets = Pick<GrowingMask, 'mask' | 'mayHold' | 'size'>;

/**
 * The door through which every message leaves: what is secret shows as `***` (contract, section 2). Most messages hold
 * nothing of the kind, which is found out by a look at their text.
 */
export class Door {
  readonly #secrets: Secrets;
  readonly #base: string;

  constructor(secrets: Secrets, base: string) {
    this.#secrets = secrets;
    this.#base = base;
  }

  /** How many secrets are known; more of them may mean that what was published holds one. */
  get secrets(): number {
    return this.#secrets.size;
  }

  mayHold(payload: string): boolean {
    return this.#secrets.size > 0 && this.#secrets.mayHold(payload);
  }

  /**
   * A payload without secrets. `isFree` says what of an object is text of free form; without it the topic says whether
   * there is an object of ours, or one value of the key that the topic ends in.
   */
  hide(topic: string, payload: string, isFree?: FreeForm): string {
    if (!this.mayHold(payload)) return payload;
    const { mask } = this.#secrets;
    if (isFree) return maskJson(payload, mask, isFree);
    if (isObjectTopic(this.#base, topic)) return maskJson(payload, mask, isFreeForm);
    const key = topic.slice(topic.lastIndexOf('/') + 1);
    return isFreeForm([key], payload) ? mask(payload) : payload;
  }
}
