import { mkdirSync, rmSync, truncateSync } from 'node:fs';
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
import { PlotterExit } from '../output.ts';
import { failureLines } from '../recording.ts';
import { play, type Session, StageFailure, type Values } from '../session.ts';
import type { ChiaArguments } from './chia-arguments.ts';
import { chiaTemps } from './chia-files.ts';

/** chia catches what the engine throws, says it on stdout, and ends with a traceback that doesn't name it. */
async function engineError(session: Session, reason: string): Promise<never> {
  session.write('stdout', `Caught plotting error: ${reason}`);
  for (const line of await failureLines('engine')) session.write('stderr', line);
  throw new PlotterExit(1);
}

function processValues(session: Session, a: ChiaArguments): Values {
  const { k, count, buffer, threads, buckets, pool, farmer, tmp, tmp2, final } = a;
  const numbers = { k, n: count, buffer, threads, buckets, pid: process.pid };
  const texts = Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, String(value)]));
  const gib = (session.options.plotSize / 2 ** 30).toFixed(3);
  return { ...texts, gib, pool, farmer, tmp, tmp2, final, memo: session.random.hex(128) };
}

/** Makes the plot up to its `Total time`. */
async function makePlot(session: Session, a: ChiaArguments, values: Values): Promise<void> {
  const base = `${a.tmp}/${values.name}.plot`;
  const plot = `${a.tmp2}/${values.name}.plot.2.tmp`;
  const temps = new TempFiles();
  let opening = false;
  const full = `Only wrote 286720 of 472430 bytes at offset 0 to "${base}.p2.t6.sort_bucket_000.tmp" with length 286720. Error 1. Retrying in five minutes.`;
  try {
    await play(session, 'plot', values, {
      before(text) {
        // The first file is touched right after the lines about the run.
        if (opening) temps.replace([`${base}.sort.tmp`]);
        opening = text.startsWith('Process ID');
      },
      async stage(stage) {
        temps.replace(chiaTemps(stage, base));
        if (stage === '1.1') writeSparse(plot, 0);
        if (stage === '2.2' && session.options.fullDisk === 'temp') await waitForEver(session, full);
        if (stage === '5') truncateSync(plot, session.options.plotSize);
      },
    });
  } catch (error) {
    const file = `${base}.sort.tmp`;
    if (error instanceof StageFailure) {
      await engineError(session, `filesystem error: cannot remove: Input/output error [${file}]`);
    }
    if (codeOf(error) === undefined) throw error;
    await engineError(session, `filesystem error: cannot remove: ${strerror(error)} [${file}]`);
  }
}

/** Brings the plot to its destination; whatever goes wrong there, chia tries again for ever. */
async function movePlot(session: Session, a: ChiaArguments, name: string): Promise<void> {
  const { options, run } = session;
  const copies = (options.move ?? run.moves) === 'copy' || onOtherDisk(a.tmp2, a.final);
  const source = `${a.tmp2}/${name}.plot.2.tmp`;
  const via = `${a.final}/${name}.plot.2.tmp`;
  const target = `${a.final}/${name}.plot`;
  const move = { source, via, target, size: options.plotSize };
  const noCopy = (reason: string) =>
    `Could not copy "${source}" to "${via}". Error ${reason}. Retrying in five minutes.`;
  const noRename = (reason: string) =>
    `Could not rename "${copies ? via : source}" to "${target}". Error ${reason}. Retrying in five minutes.`;
  if (options.failAt === '5') {
    // The real program would go on trying: to fail here, something else has to end it.
    session.write('stdout', noCopy('Input/output error'));
    await engineError(session, `filesystem error: cannot copy: Input/output error [${source}] [${via}]`);
  }
  if (options.fullDisk === 'dest') {
    beginCopy(move);
    await waitForEver(session, noCopy('Input/output error'));
  }
  if (copies) {
    // Of a full disk the engine says no more than this.
    const say = (reason: string) => noCopy(reason === NO_ROOM ? 'Input/output error' : reason);
    await retry(session, say, () => copyFirstPart(move));
  }
  await play(
    session,
    copies ? 'copy' : 'rename',
    { name, tmp2: a.tmp2, final: a.final },
    {
      async before(text) {
        if (text.startsWith('Copied')) truncateSync(via, options.plotSize);
        if (text.startsWith('Removed')) rmSync(source, { force: true });
        if (text.startsWith('Renamed')) await retry(session, noRename, () => finishMove(move, copies));
      },
    },
  );
}

/** chia makes the directories that aren't there; where it can't, the engine says so. */
function makeDirectories(directories: string[]): void {
  for (const directory of directories) {
    try {
      mkdirSync(directory, { recursive: true });
    } catch {
      // The first file in it tells why.
    }
  }
}

/** SIGINT reaches Python only when the engine is done with all plots: then chia says `Aborted!` and exits with 1. */
function watchInterrupt(): { interrupted: () => boolean; forget: () => void } {
  let seen = false;
  const interrupt = () => {
    seen = true;
  };
  process.on('SIGINT', interrupt);
  return { interrupted: () => seen, forget: () => process.off('SIGINT', interrupt) };
}

/** Behaves as `chia plots create`. @returns its exit code */
export async function runChia(session: Session, a: ChiaArguments): Promise<number> {
  const values = processValues(session, a);
  const signal = watchInterrupt();
  const made: Values[] = [];
  try {
    await play(session, 'header', values);
    makeDirectories([a.tmp, a.tmp2, a.final]);
    for (let i = 1; i <= a.count; i += 1) {
      const id = a.id ?? session.random.hex(32);
      const plot = { ...values, i: String(i), id, name: `plot-k${a.k}-${plotDate(new Date())}-${id}` };
      await makePlot(session, a, plot);
      await movePlot(session, a, plot.name);
      made.push(plot);
    }
    await play(session, 'footer', values, { each: (text) => (text.includes('{name}') ? made : [values]) });
    if (!signal.interrupted()) return 0;
    session.write('stderr', '');
    session.write('stderr', 'Aborted!');
    return 1;
  } finally {
    signal.forget();
  }
}
