import { type Flag, parseFlags } from './flags.ts';
import { runNames, SIMULATED } from './recording.ts';

/** The simulator's own options, which may stand anywhere among the plotter's. */
export interface SimulatorOptions {
  speed: number;
  failAt: string | undefined;
  fullDisk: 'temp' | 'dest' | undefined;
  run: string | undefined;
  move: 'rename' | 'copy' | undefined;
  seed: number | undefined;
  jitter: number;
  plotSize: number;
  ignoreTerm: boolean;
  keychain: boolean;
  anyKey: boolean;
}

const OWN: Flag[] = [
  { name: 'speed', flags: ['--speed'], type: 'text' },
  { name: 'fail-at', flags: ['--fail-at'], type: 'text' },
  { name: 'full-disk', flags: ['--full-disk'], type: 'text' },
  { name: 'run', flags: ['--run'], type: 'text' },
  { name: 'move', flags: ['--move'], type: 'text' },
  { name: 'seed', flags: ['--seed'], type: 'text' },
  { name: 'jitter', flags: ['--jitter'], type: 'text' },
  { name: 'plot-size', flags: ['--plot-size'], type: 'text' },
  { name: 'ignore-term', flags: ['--ignore-term'], type: 'switch' },
  { name: 'keychain', flags: ['--keychain'], type: 'switch' },
  { name: 'any-key', flags: ['--any-key'], type: 'switch' },
];

export const USAGE = `Usage: plot2mqtt simulate PLOTTER [the plotter's own arguments] [options]

Behaves as that plotter: replays the log of a real run with its pauses, writes small
temporary files and a small final plot, ends as the real one does. PLOTTER is one of
${SIMULATED.join(', ')}.

  --speed N              N times as fast as the recorded run (default 1)
  --fail-at STAGE        fail in a phase ("2"), a step ("1.3") or the way to the destination ("5", "copy");
                         chia-v2 has "1" alone, pos2 "1" to "6"
  --full-disk temp|dest  the disk is full: wait or fail as the real one does
  --run NAME             replay that run (default: a k32 run for k 32 and more, else a small one):
${SIMULATED.map((plotter) => `                         ${runNames(plotter).join(', ')}`).join('\n')}
  --move rename|copy     how the plot gets to the destination (default: as in the run; always a copy
                         to another file system)
  --plot-size BYTES      size of the final plot, also 64K, 1M, 2G (default 1M; takes no space)
  --seed N               the same plot ids and pauses each time
  --jitter PERCENT       vary each pause by up to that much (default 0)
  --keychain             chia: the keychain has keys, -f and -p may be missing
  --any-key              take public keys that begin as none does
  --ignore-term          outlive SIGTERM
`;

/** A fault in the simulator's own options. */
export class UsageError extends Error {}

const UNITS: Record<string, number> = { '': 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3 };

function choice<const T extends string>(name: string, value: string | undefined, known: T[]): T | undefined {
  if (value === undefined) return undefined;
  const found = known.find((item) => item === value);
  if (found === undefined) throw new UsageError(`--${name} takes ${known.join(' or ')}, not "${value}"`);
  return found;
}

function amount(name: string, value: string | undefined, fallback: number, least: number): number {
  const number = value === undefined ? fallback : value.trim() === '' ? Number.NaN : Number(value);
  if (!Number.isFinite(number) || number < least) {
    throw new UsageError(`--${name} takes a number${least > 0 ? ' above 0' : ''}, not "${value}"`);
  }
  return number;
}

function bytes(value: string | undefined): number {
  const [, number, unit] = /^(\d+)([KMG]?)$/i.exec(value ?? '1M') ?? [];
  if (number === undefined)
    throw new UsageError(`--plot-size takes bytes, such as 64K or 1M, not "${value}"`);
  return Number(number) * (UNITS[unit?.toUpperCase() ?? ''] ?? 1);
}

/** What stages a plotter has, and how they are said; those of the old format share theirs. */
const STAGES: Record<string, { known: RegExp; said: string }> = {
  pos2: { known: /^[1-6]$/, said: '1 to 6' },
  'chia-v2': { known: /^1$/, said: '1' },
};
const OLD_FORMAT = {
  known: /^(1(\.[1-7])?|[23](\.[1-6])?|4|5)$/,
  said: '1 to 5, 1.1 to 1.7, 2.1 to 2.6, 3.1 to 3.6 or copy',
};

function stage(plotter: string, value: string | undefined): string | undefined {
  const { known, said } = STAGES[plotter] ?? OLD_FORMAT;
  if (value === 'copy' && known.test('5')) return '5';
  if (value !== undefined && !known.test(value))
    throw new UsageError(`--fail-at takes ${said}, not "${value}"`);
  return value;
}

/** They work in memory. */
const NO_TEMP = ['bladebit-ram', 'bladebit-cuda', 'pos2', 'chia-v2'];

/** Takes the simulator's options out of the words; what is left is the plotter's. @throws UsageError */
export function takeOptions(plotter: string, words: string[]): { options: SimulatorOptions; rest: string[] } {
  const own: string[] = [];
  const rest: string[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    const flag = OWN.find(({ flags }) => flags.includes(word.split('=')[0] ?? ''));
    if (!flag) rest.push(word);
    else if (flag.type === 'switch' || word.includes('=')) own.push(word);
    else own.push(`${word}=${words[++at] ?? ''}`);
  }
  const { values } = parseFlags(OWN, own);
  const seed = values.get('seed');
  const options: SimulatorOptions = {
    speed: amount('speed', values.get('speed'), 1, Number.MIN_VALUE),
    failAt: stage(plotter, values.get('fail-at')),
    fullDisk: choice(
      'full-disk',
      values.get('full-disk'),
      NO_TEMP.includes(plotter) ? ['dest'] : ['temp', 'dest'],
    ),
    run: choice('run', values.get('run'), runNames(plotter)),
    move: choice('move', values.get('move'), ['rename', 'copy']),
    seed: seed === undefined ? undefined : amount('seed', seed, 0, Number.NEGATIVE_INFINITY),
    jitter: Math.min(amount('jitter', values.get('jitter'), 0, 0), 100) / 100,
    plotSize: bytes(values.get('plot-size')),
    ignoreTerm: values.has('ignore-term'),
    keychain: values.has('keychain'),
    anyKey: values.has('any-key'),
  };
  return { options, rest };
}
