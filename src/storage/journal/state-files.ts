import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** The files of a journal's directory. `state.json` of generation n is followed by `journal.n.jsonl`. */
export interface StateFiles {
  dir: string;
  state: string;
  /** The state file before this one: with its journal it leads to the same state as `state`. */
  previous: string;
  journal(generation: number): string;
  /** How far the journals were written. */
  mark: string;
  /** Generations of the journals that are there, lowest first. */
  journals(): number[];
}

const JOURNAL_NAME = /^journal\.(\d{1,15})\.jsonl$/;

/** The names of the files in this directory; nothing is read but by `journals`. */
export function stateFiles(dir: string): StateFiles {
  return {
    dir,
    state: join(dir, 'state.json'),
    previous: join(dir, 'state.previous.json'),
    mark: join(dir, 'journal.end'),
    journal: (generation) => join(dir, `journal.${generation}.jsonl`),
    journals() {
      const generations = readdirSync(dir).flatMap((name) => {
        const digits = JOURNAL_NAME.exec(name)?.[1];
        return digits === undefined ? [] : [Number(digits)];
      });
      return generations.sort((a, b) => a - b);
    },
  };
}
