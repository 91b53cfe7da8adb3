import { renameSync, truncateSync } from 'node:fs';
import { codeOf } from '../../util/errors.ts';
import { strerror, TempFiles, waitForEver, writeSparse } from '../files.ts';
import { PlotterExit } from '../output.ts';
import { play, type Session, StageFailure, type Values } from '../session.ts';

/** A plot in the making. */
export interface DirectPlot {
  values: Values;
  /** The names of its file until it is whole, and then; the same where it has its name from the beginning. */
  unfinished: string;
  finished: string;
}

/** What a plotter that writes its plots straight into their destination does in its own way. */
export interface DirectPlotter {
  /** How many plots; `Infinity` without an end. */
  count: number;
  /** What stands in the header and the footer. */
  values: Values;
  newPlot(number: number): DirectPlot;
  /** The stage with which the plot's file is there. */
  writesFrom: string;
  /** The line with which it is whole; without one it is when its last line is due. */
  whole?: RegExp;
  /** Lines that are left out. */
  skip?(text: string, last: boolean): boolean;
  /** Temporary files of a stage; a full temporary directory is one from `fullAt` on. */
  temps?(stage: string): string[];
  fullAt?: string;
  /** What it says again and again while its destination is full, and how often; without it, it fails. */
  full?(plot: DirectPlot): { line: string; everyMs: number };
  /** Says what went wrong, and ends. @param reason strerror(3) of a file system's error */
  fails(plot: DirectPlot, reason: string | null): Promise<never>;
}

/** Part of a plot that breaks off. */
const PART_BYTES = 4096;

/** Makes one plot. @throws StageFailure, what the file system says, or the plotter's own end */
async function makePlot(session: Session, plotter: DirectPlotter, plot: DirectPlot, last: boolean) {
  const { options } = session;
  const temps = new TempFiles();
  const values = { ...plotter.values, ...plot.values };
  let whole = false;
  const finish = () => {
    if (whole) return;
    whole = true;
    truncateSync(plot.unfinished, options.plotSize);
    if (plot.unfinished !== plot.finished) renameSync(plot.unfinished, plot.finished);
  };
  const hooks = {
    skip: (text: string) => plotter.skip?.(text, last) ?? false,
    async stage(stage: string) {
      temps.replace(plotter.temps?.(stage) ?? []);
      if (stage === plotter.writesFrom) writeSparse(plot.unfinished, PART_BYTES);
      if (stage === options.failAt) throw new StageFailure(stage);
      const full = { temp: plotter.fullAt, dest: plotter.full ? undefined : plotter.writesFrom };
      if (options.fullDisk !== undefined && stage === full[options.fullDisk]) throw new StageFailure(stage);
    },
    before(text: string) {
      if (plotter.whole?.test(text)) finish();
    },
  };
  await play(session, 'plot', values, hooks);
  const waits = options.fullDisk === 'dest' ? plotter.full?.(plot) : undefined;
  if (waits) await waitForEver(session, waits.line, waits.everyMs);
  await play(session, 'rename', values, hooks);
  finish();
  temps.replace([]);
}

/** Makes all plots, one after the other. @returns the exit code; other ends are thrown */
export async function runDirect(session: Session, plotter: DirectPlotter): Promise<number> {
  const made: Values[] = [];
  await play(session, 'banner', plotter.values);
  await play(session, 'header', plotter.values, { skip: (text) => plotter.skip?.(text, false) ?? false });
  for (let number = 1; number <= plotter.count; number += 1) {
    const plot = plotter.newPlot(number);
    try {
      await makePlot(session, plotter, plot, number === plotter.count);
    } catch (error) {
      if (error instanceof PlotterExit) throw error;
      const broken = error instanceof StageFailure;
      if (!broken && codeOf(error) === undefined) throw error;
      await plotter.fails(plot, broken ? null : strerror(error));
    }
    made.push({ ...plotter.values, ...plot.values });
  }
  await play(session, 'footer', plotter.values, {
    each: (text) => (text.includes('{file}') ? made : [plotter.values]),
  });
  return 0;
}
