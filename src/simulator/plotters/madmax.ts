import { renameSync, rmSync } from 'node:fs';
import { codeOf } from '../../util/errors.ts';
import { plotDate } from '../dates.ts';
import {
  beginCopy,
  copyFirstPart,
  finishMove,
  NO_ROOM,
  onOtherDisk,
  retry,
  strerror,
  TempFiles,
  waitForEver,
  writeSparse,
} from '../files.ts';
import { isPublicKey } from '../keys.ts';
import { PlotterExit } from '../output.ts';
import { failureLines } from '../recording.ts';
import { play, type Session, StageFailure, type Values } from '../session.ts';
import { isRemote, type MadmaxArguments } from './madmax-arguments.ts';
import { madmaxTemps } from './madmax-files.ts';
import type { MadmaxKind } from './madmax-kinds.ts';
import { watchSignals } from './madmax-signals.ts';

const NETWORKS: Record<number, string> = { 8444: 'chia', 9699: 'chives', 11337: 'mmx' };
const NO_SPACE =
  'thread failed with: thread failed with: thread failed with: thread failed with: fwrite() failed with: No space left on device';

/** Dies as a C++ program does of an exception that nobody catches. */
function abort(session: Session, type: string, what: string): never {
  session.write('stderr', `terminate called after throwing an instance of '${type}'`);
  session.write('stderr', `  what():  ${what}`);
  throw new PlotterExit(134, 'SIGABRT');
}

function processValues(a: MadmaxArguments): Values {
  return {
    final: isRemote(a.final) ? `${a.final}:` : a.final,
    level: `C${a.level ?? 0}`,
    stage: a.stage,
    port: `${a.port} [${NETWORKS[a.port] ?? 'unknown'}]`,
    plots: a.count < 0 ? 'infinite' : String(a.count),
    n: String(a.count),
    pid: String(process.pid),
    threads: String(a.threads),
    log_buckets: String(a.logBuckets),
    log_buckets3: String(a.logBuckets3),
    buckets: String(2 ** a.logBuckets),
    buckets3: String(2 ** a.logBuckets3),
    pool: a.pool === undefined ? `Pool Puzzle Hash:  ${a.puzzleHash}` : `Pool Public Key:   ${a.pool}`,
    farmer: a.farmer,
  };
}

/** chia_plot's own check of the keys comes after the first lines of a plot. */
function refusedKey(session: Session, a: MadmaxArguments): string | undefined {
  if (session.options.anyKey) return undefined;
  if (a.pool !== undefined && !isPublicKey(a.pool)) return `Invalid poolkey: ${a.pool}`;
  return isPublicKey(a.farmer) ? undefined : `Invalid farmerkey: ${a.farmer}`;
}

/** Makes plot `i`, up to its `Total plot creation time`. @returns the finished file and the plot's values */
async function makePlot(
  session: Session,
  a: MadmaxArguments,
  i: number,
): Promise<{ file: string; values: Values }> {
  const { options, random } = session;
  const [tmp, tmp2] = a.toggle && i % 2 === 0 ? [a.tmp2, a.tmp] : [a.tmp, a.tmp2];
  const prefix = a.port === 11337 ? 'plot-mmx' : 'plot';
  const size = String(options.plotSize);
  const level = a.level === undefined ? '' : `-c${a.level}`;
  const name = `${prefix}-k${a.k}${level}-${plotDate(new Date())}-${a.id ?? random.hex(32)}`;
  const values = { ...processValues(a), tmp, tmp2, name, size, i: String(i) };
  const file = `${a.direct ? a.final : a.stage}${name}.plot`;
  const temps = new TempFiles();
  const badKey = refusedKey(session, a);
  await play(session, 'plot', values, {
    until: (text) => badKey !== undefined && text === '{pool}',
    stage(stage) {
      if (!a.inMemory) temps.replace(madmaxTemps(stage, name, tmp, tmp2));
      if (stage === '3.1') writeSparse(`${file}.tmp`, 0);
      if (stage === '1.3' && options.fullDisk === 'temp') throw new StageFailure(stage);
    },
    before(text) {
      if (text.startsWith('Total plot')) {
        temps.replace([]);
        writeSparse(`${file}.tmp`, options.plotSize);
        renameSync(`${file}.tmp`, file);
      }
    },
  });
  if (badKey !== undefined) {
    session.write('stdout', badKey);
    abort(session, 'std::invalid_argument', 'Relic library error');
  }
  return { file, values };
}

/** Brings a plot to its destination, while the next one may be in the making. */
async function movePlot(session: Session, a: MadmaxArguments, file: string, values: Values): Promise<void> {
  const { options, run } = session;
  const remote = isRemote(a.final);
  const target = `${values.final}${values.name}.plot`;
  const move = { source: file, via: `${target}.tmp`, target, size: options.plotSize };
  const copies = (options.move ?? run.moves) === 'copy' || remote || onOtherDisk(a.stage, a.final);
  const failed = (call: string, reason: string) =>
    `Copy to ${target} failed with: ${call} failed on ${target}.tmp (${reason})`;
  const full = failed('fwrite()', NO_ROOM);
  await play(session, copies ? 'copy' : 'rename', values, {
    async stage() {
      if (options.failAt === '5') {
        // The real program would go on trying: to fail here, something else has to end it.
        session.write('stdout', full);
        abort(session, 'std::runtime_error', 'fwrite() failed with: No space left on device');
      }
      if (options.fullDisk === 'dest' && a.inMemory)
        await waitForEver(session, 'All destinations are busy or full, waiting ...');
      if (options.fullDisk === 'dest') {
        beginCopy(move);
        await waitForEver(session, full);
      }
      if (copies && !remote)
        await retry(
          session,
          (reason) => failed(reason === NO_ROOM ? 'fwrite()' : 'fopen()', reason),
          () => copyFirstPart(move),
        );
    },
    async before(text) {
      if (!/^(Renamed|Copy to)/.test(text)) return;
      if (remote) return rmSync(file, { force: true });
      await retry(
        session,
        (reason) => failed('fopen()', reason),
        () => finishMove(move, copies),
      );
    },
  });
}

/** Makes all plots. A plot's copy runs beside the next plot, unless -w is given. */
async function makePlots(session: Session, a: MadmaxArguments, stopping: () => boolean): Promise<void> {
  let copying = Promise.resolve();
  let crash: (error: unknown) => void = () => {};
  const crashed = new Promise<never>((_, reject) => {
    crash = reject;
  });
  crashed.catch(() => {}); // whoever waits for the copy or the next plot hears of it
  for (let i = 1; a.count < 0 || i <= a.count; i += 1) {
    if (stopping()) {
      session.write('stdout', '');
      session.write(
        'stdout',
        'Process has been interrupted, waiting for copy/rename operations to finish ...',
      );
      break;
    }
    const { file, values } = await Promise.race([makePlot(session, a, i), crashed]);
    if (a.direct || a.final === a.stage) continue;
    copying = copying.then(() => movePlot(session, a, file, values));
    copying.catch(crash);
    if (a.wait) await copying;
  }
  await copying;
}

/** What an exception inside a phase ends in. */
function uncaught(session: Session, error: unknown): never {
  if (error instanceof PlotterExit) throw error;
  if (error instanceof StageFailure) abort(session, 'std::runtime_error', NO_SPACE);
  if (codeOf(error) === undefined) throw error;
  abort(session, 'std::runtime_error', `thread failed with: fopen() failed with: ${strerror(error)}`);
}

/** Behaves as MadMax's chia_plot. @returns its exit code */
export async function runMadmax(session: Session, a: MadmaxArguments): Promise<number> {
  const values = processValues(a);
  const signals = watchSignals(session, a.count);
  try {
    if (a.k < 32) await play(session, 'banner', values);
    await play(session, 'header', values, {
      skip: (text) => text.startsWith('Stage Directory') && a.stage === a.final,
    });
    await makePlots(session, a, signals.stopping);
    return 0;
  } catch (error) {
    return uncaught(session, error);
  } finally {
    signals.forget();
  }
}

/** What chia_plot writes, and exits with, without making a plot; undefined where it makes one. */
export async function madmaxInfo(
  words: string[],
  kind: MadmaxKind,
): Promise<{ lines: string[]; code: number } | undefined> {
  if (words.length === 0 || words.includes('--help'))
    return { lines: await failureLines('madmax-help'), code: 0 };
  return words.includes('--version') ? { lines: [kind.version], code: 0 } : undefined;
}
