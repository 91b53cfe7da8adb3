import { type SimulatorOptions, takeOptions, USAGE, UsageError } from './options.ts';
import { PlotterExit, processIo, type SimulatorIo } from './output.ts';
import { runChia } from './plotters/chia.ts';
import { chiaArguments } from './plotters/chia-arguments.ts';
import { madmaxInfo, runMadmax } from './plotters/madmax.ts';
import { madmaxArguments } from './plotters/madmax-arguments.ts';
import { createRandom } from './random.ts';
import { loadRun } from './recording.ts';
import type { Session } from './session.ts';

/** The exit code of chia_plot for arguments that it refuses: -2. */
const MADMAX_REFUSES = 254;

/** What a plotter makes of its words: the code it ends with. */
type Simulation = (words: string[], options: SimulatorOptions, io: SimulatorIo) => Promise<number>;

async function startSession(
  plotter: string,
  small: string,
  k: number,
  options: SimulatorOptions,
  write: Session['write'],
  io: SimulatorIo,
): Promise<Session> {
  const name = options.run ?? (k < 32 ? small : `${plotter}-k32`);
  const run = await loadRun(name);
  if (run === undefined) throw new UsageError(`no recorded run "${name}"`);
  return { run, options, random: createRandom(options.seed), io, write };
}

const chia: Simulation = async (given, options, io) => {
  const words = given[0] === 'plots' && given[1] === 'create' ? given.slice(2) : given;
  // Python ignores SIGPIPE: without a reader chia goes on and finishes the plot.
  const write: Session['write'] = (stream, line) => {
    io.write(stream, `${line}\n`);
  };
  const read = await chiaArguments(words, options);
  if ('lines' in read) {
    for (const line of read.lines) write(read.stream, line);
    return read.code;
  }
  return runChia(await startSession('chia', 'chia-k25', read.k, options, write, io), read);
};

const madmax: Simulation = async (words, options, io) => {
  const write: Session['write'] = (stream, line) => {
    if (!io.write(stream, `${line}\n`)) throw new PlotterExit(141, 'SIGPIPE');
  };
  const info = await madmaxInfo(words);
  const read = info ? undefined : madmaxArguments(words);
  const said = info?.lines ?? (read && 'refused' in read ? read.refused : []);
  for (const line of said) write('stdout', line);
  if (info) return info.code;
  if (!read || 'refused' in read) return MADMAX_REFUSES;
  return runMadmax(await startSession('madmax', 'madmax-k24', read.k, options, write, io), read);
};

const SIMULATIONS: Record<string, Simulation> = { chia, madmax };

/**
 * `plot2mqtt simulate PLOTTER …`: behaves as that plotter, signals included.
 * @param argv the words after `simulate`
 * @returns the exit code, with which the caller ends the process; 2 for a fault in the simulator's own options
 */
export async function runSimulator(argv: readonly string[], io: SimulatorIo = processIo): Promise<number> {
  const [plotter = '', ...words] = argv;
  // MadMax has a help of its own, which was recorded.
  if (plotter === '--help' || plotter === '-h' || (plotter === 'chia' && words.includes('--help'))) {
    io.write('stdout', USAGE);
    return 0;
  }
  const simulation = SIMULATIONS[plotter];
  try {
    if (!simulation) throw new UsageError(`simulate takes chia or madmax, not "${plotter}"`);
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
