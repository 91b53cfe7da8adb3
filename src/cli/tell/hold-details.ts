import { secondsOf } from '../../contract/durations.ts';
import { HOLD_KINDS, LONGEST_HOLD_S, LONGEST_REASON } from '../../contract/holds.ts';

/** What `hold` and `drain` may say of a hold, as it was typed. */
export interface HoldDetails {
  kind?: string;
  for?: string;
  reason?: string;
}

/** What is wrong with it, in a sentence; `null` where nothing is. */
export function holdProblem(details: HoldDetails): string | null {
  const { kind, reason } = details;
  if (kind !== undefined && !HOLD_KINDS.some((each) => each === kind))
    return `'${kind}' is no kind of hold: ${HOLD_KINDS.join(' or ')}`;
  if (details.for !== undefined && !isDuration(details.for))
    return `'${details.for}' is no duration: 30s, 5m, 2h, 1d or a number of seconds, of at most ten years`;
  if (reason !== undefined && reason.length > LONGEST_REASON)
    return `the reason has more than ${LONGEST_REASON} characters`;
  return null;
}

function isDuration(text: string): boolean {
  const seconds = /^\d{1,15}(\.\d+)?$/.test(text) ? Number(text) : secondsOf(text);
  return seconds !== null && seconds > 0 && seconds <= LONGEST_HOLD_S;
}
