import type { GrowingMask } from '../../config/mask.ts';
import { maskJson } from '../../config/mask-json.ts';
import { isFreeForm } from '../../mqtt/free-form.ts';

export type Secrets = Pick<GrowingMask, 'mask' | 'mayHold'>;

/** What is answered on the daemon's socket, with what is secret hidden as it is in messages (contract, section 2). */
export function hidden(answer: object, { mask, mayHold }: Secrets): object {
  const text = JSON.stringify(answer);
  if (!mayHold(text)) return answer;
  const masked: object = JSON.parse(maskJson(text, mask, isFreeForm));
  return masked;
}
