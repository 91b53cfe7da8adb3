import { mkdirSync } from 'node:fs';
import { type Flag, parseFlags } from '../flags.ts';
import type { SimulatorOptions } from '../options.ts';
import { PlotterExit } from '../output.ts';
import { failureLines } from '../recording.ts';
import type { Session } from '../session.ts';
import { type ChiaRefusal, chiaKeys, pythonPath } from './chia-arguments.ts';
import { unknownOption, usageError } from './click.ts';
import { type DirectPlotter, runDirect } from './direct.ts';

/** What the reference plotter is asked for, all by the order of its words. */
export interface Pos2Arguments {
  k: number;
  id: string;
  strength: string;
  index: string;
  group: string;
}

/** Reads the words of `pos2_plotter test`; what it says of those that it refuses goes to stderr, with exit code 1. */
export async function pos2Arguments(words: string[]): Promise<Pos2Arguments | { refused: string[] }> {
  const [test, k, id, strength = '2', index = '0', group = '0'] = words.filter(
    (word) => !word.startsWith('--'),
  );
  if (test !== 'test' || k === undefined || id === undefined)
    return { refused: await failureLines('pos2-usage') };
  if (!/^[0-9a-f]{64}$/i.test(id)) return { refused: ['Error: plot_id_hex must be 64 hex characters.'] };
  return { k: Number(k), id, strength, index, group };
}

/** Behaves as `pos2_plotter test`: whatever goes wrong, it ends with 0. @returns its exit code */
export function runPos2(session: Session, a: Pos2Arguments): Promise<number> {
  const file = `plot_${a.k}_${a.strength}_${a.index}_${a.group}_${a.id}.bin`;
  return runDirect(session, {
    count: 1,
    values: { size: String(session.options.plotSize) },
    newPlot: () => ({ values: { file }, unfinished: file, finished: file }),
    writesFrom: '6',
    whole: /^Wrote plot file/,
    async fails(_, reason) {
      const what = reason === null ? `Failed to write chunk 38 to ${file}` : `Failed to open ${file}`;
      session.write('stderr', `Failed with exception: ${what}`);
      throw new PlotterExit(0);
    },
  });
}

export const CREATE2_FLAGS: Flag[] = [
  { name: 'k', flags: ['-k', '--size'], type: 'integer' },
  { name: 'strength', flags: ['-s', '--strength'], type: 'integer' },
  { name: 'count', flags: ['-n', '--num'], type: 'integer' },
  { name: 'fingerprint', flags: ['-a', '--alt_fingerprint'], type: 'integer' },
  { name: 'contract', flags: ['-c', '--pool_contract_address'], type: 'text' },
  { name: 'farmer', flags: ['-f', '--farmer_public_key'], type: 'text' },
  { name: 'pool', flags: ['-p', '--pool_public_key'], type: 'text' },
  { name: 'final', flags: ['-d', '--final_dir'], type: 'text' },
  { name: 'exclude', flags: ['-x', '--exclude_final_dir'], type: 'switch' },
];

export interface Create2Arguments {
  k: number;
  count: number;
  strength: number;
  farmer: string;
  pool: string;
  final: string;
}

/** Reads the arguments of `chia plots create2`. */
export async function create2Arguments(
  words: string[],
  options: SimulatorOptions,
): Promise<Create2Arguments | ChiaRefusal> {
  const { values, unknown, invalid } = parseFlags(CREATE2_FLAGS, words);
  const [stranger] = unknown;
  const refuse = (lines: string[]) => ({ stream: 'stderr', lines, code: 2 }) as const;
  if (stranger !== undefined) return refuse(unknownOption(stranger, 'create2'));
  if (invalid) {
    const names = invalid.flag.flags.map((flag) => `'${flag}'`).join(' / ');
    const error = `Invalid value for ${names}: '${invalid.value}' is not a valid integer.`;
    return refuse(usageError(error, 'create2'));
  }
  const checked = await chiaKeys(values, options);
  if ('lines' in checked) return checked;
  const integer = (name: string, fallback: number) => Number(values.get(name) ?? fallback);
  const numbers = { k: integer('k', 28), count: integer('count', 1), strength: integer('strength', 2) };
  return { ...numbers, ...checked, final: pythonPath(values.get('final') ?? '.') };
}

/** Behaves as `chia plots create2`: it names its plots when all of them are made. @returns its exit code */
export function runCreate2(session: Session, a: Create2Arguments): Promise<number> {
  const { k, count, strength, pool, farmer, final } = a;
  mkdirSync(final, { recursive: true });
  const plotter: DirectPlotter = {
    count,
    values: { k: String(k), n: String(count), strength: String(strength), pool, farmer },
    // The line that says how many there are stands for the time of each plot.
    skip: (text, last) => !last && text.includes('Created a total of'),
    newPlot(number) {
      const file = `plot-k${k}-${session.random.hex(32)}.plot2`;
      const path = `${final}/${file}`;
      return { values: { i: String(number), file }, unfinished: path, finished: path };
    },
    writesFrom: '1',
    async fails() {
      const lines = await failureLines('engine');
      for (const line of [...lines.slice(0, -1), 'OSError: failed to create plot file'])
        session.write('stderr', line);
      throw new PlotterExit(1);
    },
  };
  return runDirect(session, plotter);
}
