import { type Flag, parseFlags } from '../flags.ts';
import { decodeAddress, isPublicKey, isPlotId } from '../keys.ts';
import type { SimulatorOptions } from '../options.ts';
import { failureLines } from '../recording.ts';
import { unknownOption, usageError } from './click.ts';

export const CHIA_FLAGS: Flag[] = [
  { name: 'k', flags: ['-k', '--size'], type: 'integer' },
  { name: 'override', flags: ['--override-k'], type: 'switch' },
  { name: 'count', flags: ['-n', '--num'], type: 'integer' },
  { name: 'buffer', flags: ['-b', '--buffer'], type: 'integer' },
  { name: 'threads', flags: ['-r', '--num_threads'], type: 'integer' },
  { name: 'buckets', flags: ['-u', '--buckets'], type: 'integer' },
  { name: 'fingerprint', flags: ['-a', '--alt_fingerprint'], type: 'integer' },
  { name: 'contract', flags: ['-c', '--pool_contract_address'], type: 'text' },
  { name: 'farmer', flags: ['-f', '--farmer_public_key'], type: 'text' },
  { name: 'pool', flags: ['-p', '--pool_public_key'], type: 'text' },
  { name: 'tmp', flags: ['-t', '--tmp_dir'], type: 'text' },
  { name: 'tmp2', flags: ['-2', '--tmp2_dir'], type: 'text' },
  { name: 'final', flags: ['-d', '--final_dir'], type: 'text' },
  { name: 'id', flags: ['-i', '--plotid'], type: 'text' },
  { name: 'memo', flags: ['-m', '--memo'], type: 'text' },
  { name: 'nobitfield', flags: ['-e', '--nobitfield'], type: 'switch' },
  { name: 'exclude', flags: ['-x', '--exclude_final_dir'], type: 'switch' },
  { name: 'daemon', flags: ['-D', '--connect_to_daemon'], type: 'switch' },
];

export interface ChiaArguments {
  k: number;
  count: number;
  buffer: number;
  threads: number;
  buckets: number;
  /** As it stands in the log: `pool public key:  …` or `pool contract address:  …`. */
  pool: string;
  farmer: string;
  tmp: string;
  tmp2: string;
  final: string;
  id: string | undefined;
}

/** What chia says of arguments that it refuses, where, and the exit code. */
export interface ChiaRefusal {
  stream: 'stdout' | 'stderr';
  lines: string[];
  code: number;
}

/** A key of nobody, for a simulated keychain: the generator of the group. */
const KEYCHAIN_KEY =
  '97f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb';

/** A recorded traceback, its last line replaced where another text fits this case. */
async function traceback(key: string, last?: string): Promise<ChiaRefusal> {
  const lines = await failureLines(key);
  return { stream: 'stderr', lines: last === undefined ? lines : [...lines.slice(0, -1), last], code: 1 };
}

/** What Python says of a key, or undefined where it is good. */
async function refusedKey(key: string, options: SimulatorOptions): Promise<ChiaRefusal | undefined> {
  const bad = key.search(/[^0-9a-f]/i);
  if (bad >= 0 || key.length % 2 === 1) {
    const at = bad >= 0 ? bad : key.length;
    return traceback(
      'key-short',
      `ValueError: non-hexadecimal number found in fromhex() arg at position ${at}`,
    );
  }
  if (key.length < 96) return traceback('key-short');
  return options.anyKey || isPublicKey(key) ? undefined : traceback('key-curve');
}

/** Checks the keys in chia's order: farmer, pool or contract, the contract's address. */
export async function chiaKeys(
  values: Map<string, string>,
  options: SimulatorOptions,
): Promise<ChiaRefusal | { farmer: string; pool: string }> {
  const own = options.keychain ? KEYCHAIN_KEY : undefined;
  const farmer = values.get('farmer') ?? own;
  const contract = values.get('contract');
  const given = values.get('pool');
  if (farmer === undefined) return traceback('no-keys');
  const badFarmer = await refusedKey(farmer, options);
  if (badFarmer) return badFarmer;
  if (given !== undefined && contract !== undefined) return traceback('pool-and-contract');
  if (contract !== undefined) {
    const address = decodeAddress(contract) === undefined ? undefined : contract;
    return address === undefined
      ? traceback('contract')
      : { farmer, pool: `pool contract address:  ${address}` };
  }
  const pool = given ?? own;
  if (pool === undefined) {
    const keyless = (await failureLines('no-keys')).at(-1)?.replace(/-f$/, '-p');
    return traceback('no-keys', keyless);
  }
  return (await refusedKey(pool, options)) ?? { farmer, pool: `pool public key:  ${pool}` };
}

/** A path as Python's pathlib writes it. */
export const pythonPath = (text: string) =>
  text
    .replace(/\/+/g, '/')
    .replace(/(?<=.)\/$/, '')
    .replace(/^\.\/(?=.)/, '');

/** 16 to 128, rounded up to a power of two, as the engine does. */
const bucketCount = (wanted: number) =>
  Math.min(128, Math.max(16, 2 ** Math.ceil(Math.log2(Math.max(1, wanted || 128)))));

const refuse = (stream: 'stdout' | 'stderr', code: number, ...lines: string[]) => ({ stream, lines, code });

/** Reads the arguments of `chia plots create`, in its order of checks. */
export async function chiaArguments(
  words: string[],
  options: SimulatorOptions,
): Promise<ChiaArguments | ChiaRefusal> {
  const { values, unknown, invalid } = parseFlags(CHIA_FLAGS, words);
  const [stranger] = unknown;
  if (stranger !== undefined) return refuse('stderr', 2, ...unknownOption(stranger));
  if (invalid) {
    const names = invalid.flag.flags.map((flag) => `'${flag}'`).join(' / ');
    const error = `Invalid value for ${names}: '${invalid.value}' is not a valid integer.`;
    return refuse('stderr', 2, ...usageError(error));
  }
  const integer = (name: string, fallback: number) => Number(values.get(name) ?? fallback);
  const k = integer('k', 32);
  if (k < 32 && !values.has('override')) {
    const advice = 'If you are testing and you want to use smaller size please add the --override-k flag.';
    return refuse('stdout', 1, 'k=32 is the minimum size for farming.', advice);
  }
  if (k < 25) return refuse('stdout', 1, 'Error: The minimum k size allowed from the cli is k=25.');
  const checked = await chiaKeys(values, options);
  if ('lines' in checked) return checked;
  const id = values.get('id');
  if (id !== undefined && !isPlotId(id)) return traceback('key-short', 'ValueError: bad bytes32 initializer');
  const tmp = pythonPath(values.get('tmp') ?? '.');
  return {
    k,
    count: integer('count', 1),
    buffer: integer('buffer', 3389),
    threads: integer('threads', 2) || 2,
    buckets: bucketCount(integer('buckets', 128)),
    ...checked,
    tmp,
    tmp2: pythonPath(values.get('tmp2') ?? tmp),
    final: pythonPath(values.get('final') ?? '.'),
    id,
  };
}
