import { accessSync } from 'node:fs';
import { type Flag, parseFlags } from '../flags.ts';

export type BladebitKind = 'ramplot' | 'diskplot' | 'cudaplot';

/** Before the command, as its help has them. */
const GLOBAL: Flag[] = [
  { name: 'threads', flags: ['-t', '--threads'], type: 'integer' },
  { name: 'count', flags: ['-n', '--count'], type: 'integer' },
  { name: 'farmer', flags: ['-f', '--farmer-key'], type: 'text' },
  { name: 'contract', flags: ['-c', '--pool-contract'], type: 'text' },
  { name: 'pool', flags: ['-p', '--pool-key'], type: 'text' },
  { name: 'level', flags: ['-z', '--compress'], type: 'integer' },
  { name: 'direct', flags: ['--no-direct-io'], type: 'switch' },
  { name: 'warm', flags: ['-w', '--warm-start'], type: 'switch' },
  { name: 'id', flags: ['-i', '--plot-id'], type: 'text' },
  { name: 'memo', flags: ['--memo'], type: 'text' },
  { name: 'verbose', flags: ['-v', '--verbose'], type: 'switch' },
  { name: 'numa', flags: ['-m', '--no-numa'], type: 'switch' },
  { name: 'affinity', flags: ['--no-cpu-affinity'], type: 'switch' },
];

const TEMP: Flag[] = [
  { name: 'temp', flags: ['-t1', '--temp1'], type: 'text' },
  { name: 'temp2', flags: ['-t2', '--temp2'], type: 'text' },
  { name: 'direct1', flags: ['--no-t1-direct'], type: 'switch' },
  { name: 'direct2', flags: ['--no-t2-direct'], type: 'switch' },
];

/** Behind the command. */
const OWN: Record<BladebitKind, Flag[]> = {
  ramplot: [],
  diskplot: [
    ...TEMP,
    { name: 'buckets', flags: ['-b', '--buckets'], type: 'integer' },
    { name: 'alternate', flags: ['-a', '--alternate'], type: 'switch' },
    { name: 'cache', flags: ['--cache'], type: 'text' },
    ...['f1', 'fp', 'c', 'p2', 'p3'].map(
      (part): Flag => ({ name: part, flags: [`--${part}-threads`], type: 'integer' }),
    ),
  ],
  cudaplot: [
    ...TEMP,
    { name: 'device', flags: ['-d', '--device'], type: 'integer' },
    { name: 'disk128', flags: ['--disk-128'], type: 'switch' },
    { name: 'disk16', flags: ['--disk-16'], type: 'switch' },
    { name: 'check', flags: ['--check'], type: 'integer' },
    { name: 'threshold', flags: ['--check-threshold'], type: 'text' },
  ],
};

/** All that one of them takes. */
export function bladebitFlags(kind: BladebitKind): Flag[] {
  return [...GLOBAL, ...OWN[kind]];
}

export interface BladebitArguments {
  kind: BladebitKind;
  count: number;
  /** 0: as many as there are processors. */
  threads: number;
  farmer: string;
  pool: string | undefined;
  contract: string | undefined;
  level: number;
  id: string | undefined;
  temp: string | undefined;
  temp2: string | undefined;
  output: string | undefined;
  /** What it refuses behind its header, with the lines before. */
  refused: { before: string[]; reason: string } | null;
}

const isThere = (directory: string) => {
  try {
    accessSync(directory);
    return true;
  } catch {
    return false;
  }
};

/** Reads its arguments in its order of checks. @returns the reason for which it ends at once, or the arguments */
export function bladebitArguments(
  kind: BladebitKind,
  words: string[],
): { reason: string } | BladebitArguments {
  const command = words.indexOf(kind);
  const before = parseFlags(GLOBAL, command < 0 ? words : words.slice(0, command));
  const after = parseFlags(OWN[kind], command < 0 ? [] : words.slice(command + 1));
  const text = (name: string) => before.values.get(name) ?? after.values.get(name);
  const integer = (name: string) => Number(text(name) ?? 0);
  const [stranger = before.others[0]] = before.unknown;
  if (stranger !== undefined) return { reason: `Unexpected argument '${stranger}'` };
  if (command < 0) return { reason: 'No plotter type chosen.' };
  const farmer = text('farmer');
  if (farmer === undefined) return { reason: 'A farmer public key must be specified.' };
  const [pool, contract] = [text('pool'), text('contract')];
  if (pool === undefined && contract === undefined)
    return { reason: 'Error: Either a pool public key or a pool contract address must be specified.' };
  const level = integer('level');
  if (kind === 'diskplot' && level > 0)
    return { reason: 'diskplot is currently disabled for compressed plotting due to a bug.' };
  const temp = text('temp');
  const temp2 = text('temp2') ?? temp;
  const [output] = after.others;
  const read = { kind, farmer, pool, contract, level, temp, temp2, output };
  const numbers = { count: Number(text('count') ?? 1), threads: integer('threads'), id: text('id') };
  return { ...read, ...numbers, refused: refusal(read, after.unknown, Number(text('buckets') ?? 256)) };
}

function refusal(
  { kind, temp, temp2, output }: Pick<BladebitArguments, 'kind' | 'temp' | 'temp2' | 'output'>,
  unknown: readonly string[],
  buckets: number,
): BladebitArguments['refused'] {
  const refuse = (reason: string, ...before: string[]) => ({ before, reason });
  if (kind === 'diskplot') {
    if (temp === undefined) return refuse('At least 1 temporary path (--temp) must be specified.');
    if (buckets < 64 || buckets > 1024) return refuse('Buckets must be between 64 and 1024, inclusive.');
    if (!Number.isInteger(Math.log2(buckets))) return refuse('Buckets must be power of 2.');
  }
  if (unknown.length > 0) return refuse(`Unrecognized argument '${unknown[0]}'.`);
  if (output === undefined) return refuse('At least one output folder must be specified.');
  if (kind === 'diskplot' && ![temp, temp2].every((path) => path === undefined || isThere(path))) {
    const line = 'GetBlockSizeForPath() failed with error 2.';
    return refuse(
      `Failed to obtain temp paths block size from t1: '${temp}' or t2: '${temp2}'.`,
      ...[line, line],
    );
  }
  return null;
}

/** A few of the files that diskplot has open from the beginning on: they have no plot's name. */
const WORK_FILES = ['y0_0', 'y1_0', 'meta0_0', 'meta1_0', 'map2_0', 'index0_0', 't1_0'];

export function bladebitTemps(
  stage: string,
  { kind, temp, temp2 }: Pick<BladebitArguments, 'kind' | 'temp' | 'temp2'>,
): string[] {
  if (kind !== 'diskplot' || stage === '5') return [];
  return WORK_FILES.map((file, index) => `${(index % 2 === 0 ? temp : temp2) ?? '.'}/${file}.tmp`);
}
