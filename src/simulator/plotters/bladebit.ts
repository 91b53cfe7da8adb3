import { availableParallelism } from 'node:os';
import { plotDate } from '../dates.ts';
import { PlotterExit } from '../output.ts';
import { play, type Session } from '../session.ts';
import { type BladebitArguments, type BladebitKind, bladebitTemps } from './bladebit-arguments.ts';
import { type DirectPlotter, runDirect } from './direct.ts';

/** BladeBit dies of what goes wrong, with the reason in a line of its own. */
export function fatal(session: Pick<Session, 'write'>, reason: string): never {
  for (const line of ['', 'Fatal Error:  ', reason]) session.write('stderr', line);
  throw new PlotterExit(1);
}

/** What each of its plotters dies of where a stage is to fail. */
const FAILURES: Record<BladebitKind, string> = {
  ramplot: 'Overran park buffer for table 3.',
  diskplot: "Failed to write to 'y1.56' work file with error 28 (0x1c).",
  cudaplot: 'CUDA error: 719 (0x2cf) cudaErrorLaunchFailure : unspecified launch failure',
};

/** What follows in the header when it has looked at its own options. */
const BEFORE_COMMAND = /^(\[Bladebit (Disk|CUDA)|System Memory:)/;
const RETRY_MS = 10_000;

/** Behaves as `bladebit … diskplot|ramplot|cudaplot`. @returns its exit code; other ends are thrown */
export async function runBladebit(session: Session, a: BladebitArguments): Promise<number> {
  const { random } = session;
  const out = a.output?.replace(/\/*$/, '/') ?? '';
  const values = {
    n: String(a.count),
    threads: String(a.threads || availableParallelism()),
    farmer: a.farmer,
    pool:
      a.contract === undefined
        ? `Pool public key       : ${a.pool}`
        : `Pool contract address : ${a.contract}`,
    level: String(a.level),
    final: out,
    tmp: a.temp ?? '',
    tmp2: a.temp2 ?? '',
  };
  const skip = (text: string) => a.level === 0 && text.startsWith(' Compression Level');
  if (a.refused !== null) {
    const { before } = a.refused;
    // It has its own part of the words behind it when an empty line ends this one.
    let early = false;
    const until = (text: string) => {
      if (early && text === '') return true;
      early = before.length === 0 && text.startsWith(' Benchmark mode');
      return BEFORE_COMMAND.test(text);
    };
    await play(session, 'banner', values);
    await play(session, 'header', values, { skip, until });
    for (const line of before) session.write('stderr', line);
    return fatal(session, a.refused.reason);
  }
  const plotter: DirectPlotter = {
    count: a.count === 0 ? Number.POSITIVE_INFINITY : a.count,
    values,
    skip,
    writesFrom: '1.1',
    whole: /\.plot\.tmp -> |finished writing to disk:/,
    temps: (stage) => bladebitTemps(stage, a),
    ...(a.kind === 'diskplot' && { fullAt: '1.2' }),
    newPlot(number) {
      const id = a.id ?? random.hex(32);
      const level = a.level > 0 ? `c${String(a.level).padStart(2, '0')}-` : '';
      const file = `${out}plot-k32-${level}${plotDate(new Date())}-${id}`;
      return {
        values: { i: String(number), id, file },
        unfinished: `${file}.plot.tmp`,
        finished: `${file}.plot`,
      };
    },
    full: ({ unfinished }) => ({
      line: `No space left in plot output directory for plot '${unfinished}'. Waiting 10.0 seconds before trying again...`,
      everyMs: RETRY_MS,
    }),
    fails: async (_, reason) =>
      fatal(session, reason === null ? FAILURES[a.kind] : `Failed to open plot file with error: ${reason}`),
  };
  return runDirect(session, plotter);
}
