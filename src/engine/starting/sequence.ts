import { createHash } from 'node:crypto';
import type { PlotterDefinition } from '../../config/schema/plotter.ts';
import { type Draws, drawnValues, usesSequence } from '../../plotters/computed.ts';
import type { Transaction } from '../transaction.ts';
import type { ResolvedJob } from './places/resolve.ts';

/**
 * The number of the next worker of a plotter, from 0 on: it is taken with this, and never given again (contract,
 * section 12). Each worker of a run takes one, the further ones too.
 */
export function takeNumber(transaction: Transaction, plotter: string, definition: PlotterDefinition): number {
  const { sequences } = transaction.state;
  const number = sequences[plotter] ?? 0;
  if (usesSequence(definition))
    transaction.change(['meta', { sequences: { ...sequences, [plotter]: number + 1 } }]);
  return number;
}

/** What a start gets for `{sequence}` and `{random:N}`, and its arguments with that. */
export function drawFor(
  transaction: Transaction,
  resolved: ResolvedJob,
): { resolved: ResolvedJob; draws: Draws } {
  const { plotter, definition, values } = resolved;
  const draws: Draws = {
    sequence: takeNumber(transaction, plotter, definition),
    random: (digits) => hexadecimal(transaction, digits),
  };
  return { resolved: { ...resolved, values: drawnValues(definition, values, draws) }, draws };
}

/** So many draws fill the digits of one hash. */
const DRAWS = 8;

/** Random, whatever letters and digits are drawn. */
function hexadecimal({ surroundings }: Transaction, digits: number): string {
  let text = '';
  while (text.length < digits) {
    const drawn = Array.from({ length: DRAWS }, () => surroundings.random()).join(' ');
    text += createHash('sha256').update(drawn).digest('hex');
  }
  return text.slice(0, digits);
}
