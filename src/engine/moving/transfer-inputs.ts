import type { Input } from '../inputs.ts';
import type { Transaction } from '../transaction.ts';
import { roomMade } from './make-room.ts';
import { transferEnded } from './transfer-ends.ts';
import { transferCopied, transferLaunched, transferLocated } from './transfers.ts';

/** What concerns a transfer that is gone is stale and does nothing. */
export function takeForTransfer(transaction: Transaction, input: Extract<Input, { transfer: string }>): void {
  const transfer = transaction.state.transfers.get(input.transfer);
  if (!transfer) return;
  switch (input.type) {
    case 'transfer_located':
      return transferLocated(transaction, transfer, input.filesystem);
    case 'transfer_launched':
      return transferLaunched(transaction, transfer, input);
    case 'transfer_copied':
      return transferCopied(transaction, transfer, input.bytes);
    case 'room_made':
      return roomMade(transaction, transfer, input);
    case 'transfer_ended':
      return transferEnded(transaction, transfer, input);
    default:
      input satisfies never;
  }
}
