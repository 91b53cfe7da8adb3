import type { TransferState } from '../model/transfer-state.ts';

type Step = Pick<TransferState, 'step'>;

/** Whether something goes on for a plot: it is moved, or old plots go for it. */
export function isUnderWay({ step }: Step): boolean {
  return step === 'moving' || step === 'making_room';
}

/** Whether it may be in its place already, and nothing goes on. */
export function isHalted(transfer: Step): boolean {
  return !isUnderWay(transfer);
}
