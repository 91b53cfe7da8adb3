import { rmSync, writeFileSync } from 'node:fs';
import { parseFlags } from '../flags.ts';
import { decodeAddress, isPlotId } from '../keys.ts';
import { MADMAX } from './madmax-kinds.ts';

/** Whether plots are sent to a host rather than written into a directory. */
export const isRemote = (directory: string) => directory.startsWith('@');

export interface MadmaxArguments {
  k: number;
  /** Of compressed plots. */
  level: number | undefined;
  inMemory: boolean;
  port: number;
  id: string | undefined;
  count: number;
  threads: number;
  /** Powers of two. */
  logBuckets: number;
  logBuckets3: number;
  tmp: string;
  tmp2: string;
  final: string;
  stage: string;
  farmer: string;
  pool: string | undefined;
  /** Of the contract's address. */
  puzzleHash: string | undefined;
  wait: boolean;
  toggle: boolean;
  direct: boolean;
}

/** What chia_plot says of arguments that it refuses; it exits with 254 then. */
export type Refusal = { refused: string[] };

const log2 = (buckets: number) => (buckets >= 16 ? Math.floor(Math.log2(buckets)) : buckets);
/** chia_plot reads hexadecimal two letters at a time and shows what it read. */
const asBytes = (hex: string) =>
  hex
    .match(/[0-9a-f]{2}/gi)
    ?.join('')
    .toLowerCase() ?? '';

function writable(directory: string, probe: string): boolean {
  try {
    writeFileSync(`${directory}${probe}`, '');
    // Another plotter that tries the same directory at this moment has the same probe, and may be faster.
    rmSync(`${directory}${probe}`, { force: true });
    return true;
  } catch {
    return false;
  }
}

/** Reads chia_plot's arguments in its order of checks; it passes over options that it doesn't know. */
export function madmaxArguments(words: string[], kind = MADMAX): MadmaxArguments | Refusal {
  const { values } = parseFlags(kind.flags, words);
  const integer = (name: string, fallback: number) => Number(values.get(name) ?? fallback);
  const pool = values.get('pool');
  const contract = values.get('contract');
  const farmer = values.get('farmer');
  const tmp = values.get('tmp');
  const refuse = (...refused: string[]): Refusal => ({ refused });
  if (!pool && !contract) {
    return refuse(
      'Pool Public Key (for solo farming) or Pool Contract Address (for pool farming) needs to be specified via -p or -c, see `chia plotnft show`.',
    );
  }
  if (pool && contract)
    return refuse('Choose either Pool Public Key (-p) or Pool Contract Address (-c), not both.');
  if (!farmer)
    return refuse('Farmer Public Key (48 bytes) needs to be specified via -f, see `chia keys show`.');
  if (!tmp) return refuse('tmpdir needs to be specified via -t path/');
  const puzzleHash = contract === undefined ? undefined : decodeAddress(contract);
  if (contract && !puzzleHash)
    return refuse(`Invalid contract (address): ${contract}, see \`chia plotnft show\``);
  for (const [label, key] of [
    ['poolkey', pool],
    ['farmerkey', farmer],
  ] as const) {
    if (key && asBytes(key).length !== 96) {
      return refuse(
        `Invalid ${label}: ${asBytes(key)}, '${key}' (needs to be 48 bytes, see \`chia keys show\`)`,
      );
    }
  }
  const tmp2 = values.get('tmp2') ?? (kind.inMemory ? '@RAM' : tmp);
  const final = values.get('final') ?? tmp;
  const stage = values.get('stage') ?? tmp;
  const given = [
    ['tmpdir', tmp, '.chia_plot_tmp'],
    ['tmpdir2', tmp2, '.chia_plot_tmp2'],
    ['finaldir', final, '.chia_plot_final'],
    ['stagedir', stage, '.chia_plot_stage'],
  ] as const;
  const directories = given.filter(([, path]) => kind.level === undefined || !isRemote(path));
  for (const [label, path] of directories) {
    if (!/[/\\]$/.test(path)) return refuse(`Invalid ${label}: ${path} (needs trailing '/' or '\\')`);
  }
  const id = values.get('id');
  if (id !== undefined && !isPlotId(id)) return refuse(`Invalid id: '${id}' (needs to be 32 bytes)`);
  const k = integer('k', 32);
  const level = kind.level === undefined ? undefined : integer('level', kind.level);
  const threads = integer('threads', 4);
  const logBuckets = log2(integer('buckets', 256));
  const logBuckets3 = log2(integer('buckets3', integer('buckets', 256)));
  if (k < 16 || k > 34) return refuse(`Invalid k option: ${k} (supported: [16..34])`);
  if (threads < 1 || threads > 1024) {
    return refuse(`Invalid threads parameter: ${threads} (supported: [1..1024])`);
  }
  for (const [flag, log] of [
    ['-u', logBuckets],
    ['-v', logBuckets3],
  ] as const) {
    if (log < 4 || log > 16)
      return refuse(`Invalid buckets parameter ${flag}: 2^${log} (supported: 2^[4..16])`);
  }
  for (const [label, path, probe] of directories) {
    if (!writable(path, probe)) return refuse(`Failed to write to ${label} directory: '${path}'`);
  }
  return {
    k,
    level,
    inMemory: kind.inMemory ?? false,
    port: integer('port', 8444),
    id,
    count: integer('count', 1),
    threads,
    logBuckets,
    logBuckets3,
    tmp,
    tmp2,
    final,
    stage,
    farmer: asBytes(farmer),
    pool: pool === undefined ? undefined : asBytes(pool),
    puzzleHash,
    wait: values.has('wait'),
    toggle: values.has('toggle'),
    direct: values.has('direct'),
  };
}
