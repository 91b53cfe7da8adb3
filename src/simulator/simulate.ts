import { type SimulatorOptions, takeOptions, USAGE, UsageError } from './options.ts';
import { PlotterExit, processIo, type SimulatorIo } from './output.ts';
import { fatal, runBladebit } from './plotters/bladebit.ts';
import { type BladebitKind, bladebitArguments } from './plotters/bladebit-arguments.ts';
import { runChia } from './plotters/chia.ts';
import { type ChiaRefusal, chiaArguments } from './plotters/chia-arguments.ts';
import { madmaxInfo, runMadmax } from './plotters/madmax.ts';
import { madmaxArguments } from './plotters/madmax-arguments.ts';
import { GIGAHORSE, GIGAHORSE_CUDA, MADMAX, type MadmaxKind } from './plotters/madmax-kinds.ts';
import { create2Arguments, pos2Arguments, runCreate2, runPos2 } from './plotters/new-format.ts';
import { createRandom } from './random.ts';
import { loadRun, runNames, SIMULATED } from './recording.ts';
import type { Session } from './session.ts';

/** The exit code of chia_plot for arguments that it refuses: -2. */
const MADMAX_REFUSES = 254;

/** What a plotter makes of its words: the code it ends with. */
type Simulation = (words: string[], options: SimulatorOptions, io: SimulatorIo) => Promise<number>;
type Write = Session['write'];

/** Replays the run that was asked for; of k 32 and more that of k 32, if there is one, else the largest small one. */
async function startSession(
  plotter: string,
  k: number,
  options: SimulatorOptions,
  write: Write,
  io: SimulatorIo,
): Promise<Session> {
  const names = runNames(plotter);
  const fitting = names.filter((each) => each.endsWith('-k32') === k >= 32).at(-1);
  const name = options.run ?? fitting ?? names.at(-1) ?? '';
  const run = await loadRun(name);
  if (run === undefined) throw new UsageError(`no recorded run "${name}"`);
  return { run, options, random: createRandom(options.seed), io, write };
}

/** Python ignores SIGPIPE: without a reader chia goes on and finishes the plot. */
const asPython =
  (io: SimulatorIo): Write =>
  (stream, line) => {
    io.write(stream, `${line}\n`);
  };

/** Others die of a reader that has gone, with the next line. */
const asOthers =
  (io: SimulatorIo): Write =>
  (stream, line) => {
    if (!io.write(stream, `${line}\n`)) throw new PlotterExit(141, 'SIGPIPE');
  };

/** A bar is drawn over itself: each line of it begins with a carriage return, and only the last one has an end. */
function withBar(io: SimulatorIo): Write {
  let open = false;
  return (stream, line) => {
    const bar = line.startsWith('\r');
    const text = bar ? line : `${open ? '\n' : ''}${line}\n`;
    open = bar;
    if (!io.write(stream, text)) throw new PlotterExit(141, 'SIGPIPE');
  };
}

function refuse(write: Write, { stream, lines, code }: ChiaRefusal): number {
  for (const line of lines) write(stream, line);
  return code;
}

const withoutCommand = (words: string[], command: string) =>
  words[0] === 'plots' && words[1] === command ? words.slice(2) : words;

const chia: Simulation = async (words, options, io) => {
  const write = asPython(io);
  const read = await chiaArguments(withoutCommand(words, 'create'), options);
  if ('lines' in read) return refuse(write, read);
  return runChia(await startSession('chia', read.k, options, write, io), read);
};

const chiaV2: Simulation = async (words, options, io) => {
  const write = asPython(io);
  const read = await create2Arguments(withoutCommand(words, 'create2'), options);
  if ('lines' in read) return refuse(write, read);
  return runCreate2(await startSession('chia-v2', read.k, options, write, io), read);
};

const pos2: Simulation = async (words, options, io) => {
  const write = withBar(io);
  const read = await pos2Arguments(words);
  if ('refused' in read) return refuse(write, { stream: 'stderr', lines: read.refused, code: 1 });
  return runPos2(await startSession('pos2', read.k, options, write, io), read);
};

const likeMadmax =
  (plotter: string, kind: MadmaxKind): Simulation =>
  async (words, options, io) => {
    const write = asOthers(io);
    const info = await madmaxInfo(words, kind);
    const read = info ? undefined : madmaxArguments(words, kind);
    const said = info?.lines ?? (read && 'refused' in read ? read.refused : []);
    for (const line of said) write('stdout', line);
    if (info) return info.code;
    if (!read || 'refused' in read) return MADMAX_REFUSES;
    return runMadmax(await startSession(plotter, read.k, options, write, io), read);
  };

const bladebit =
  (plotter: string, kind: BladebitKind): Simulation =>
  async (words, options, io) => {
    const write = asOthers(io);
    const read = bladebitArguments(kind, words);
    if ('reason' in read) return fatal({ write }, read.reason);
    return runBladebit(await startSession(plotter, 32, options, write, io), read);
  };

const SIMULATIONS: Record<string, Simulation> = {
  chia,
  'chia-v2': chiaV2,
  pos2,
  madmax: likeMadmax('madmax', MADMAX),
  gigahorse: likeMadmax('gigahorse', GIGAHORSE),
  'gigahorse-cuda': likeMadmax('gigahorse-cuda', GIGAHORSE_CUDA),
  'bladebit-ram': bladebit('bladebit-ram', 'ramplot'),
  'bladebit-disk': bladebit('bladebit-disk', 'diskplot'),
  'bladebit-cuda': bladebit('bladebit-cuda', 'cudaplot'),
};

/** Plotters with a help of their own, which was recorded. */
const WITH_HELP = ['madmax', 'gigahorse', 'gigahorse-cuda'];

/**
 * `plot2mqtt simulate PLOTTER …`: behaves as that plotter, signals included.
 * @param argv the words after `simulate`
 * @returns the exit code, with which the caller ends the process; 2 for a fault in the simulator's own options
 */
export async function runSimulator(argv: readonly string[], io: SimulatorIo = processIo): Promise<number> {
  const [plotter = '', ...words] = argv;
  const asked = words.includes('--help') && plotter in SIMULATIONS && !WITH_HELP.includes(plotter);
  if (plotter === '--help' || plotter === '-h' || asked) {
    io.write('stdout', USAGE);
    return 0;
  }
  const simulation = SIMULATIONS[plotter];
  try {
    if (!simulation) throw new UsageError(`simulate takes ${SIMULATED.join(', ')}, not "${plotter}"`);
    const { options, rest } = takeOptions(plotter, words);
    if (options.ignoreTerm) process.on('SIGTERM', () => {});
    return await simulation(rest, options, io);
  } catch (error) {
    if (error instanceof PlotterExit) return error.signal ? io.die(error.signal) : error.code;
    if (!(error instanceof UsageError)) throw error;
    io.write('stderr', `${error.message}\n\n${USAGE}`);
    return 2;
  }
}
