import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { PlotterDefinition } from '../../config/schema/plotter.ts';
import { planOf } from '../../engine/working/stages.ts';
import { plotsInLog } from '../../plotters/plots-in-log.ts';
import { processFiles } from '../../process/files.ts';
import { linesOfFile } from '../../process/lines-of-file.ts';
import { PRIVATE_FILE } from '../../storage/private.ts';
import { keptLog } from './kept-logs.ts';
import { workerDirectory } from './paths.ts';

/** Whose part of a run's log it is, and how plots are told apart there. */
export interface PartOfLog {
  run: string;
  worker: string;
  /** Which of the run's plots, from 1 on. */
  nth: number;
  definition: PlotterDefinition;
}

/**
 * Keeps a worker's part of its run's log: from the line that begins its plot to the next one that does, and what is said
 * of that plot later (contract, section 12); with the first one what comes before it. Done again, it does no harm. Throws
 * the system's error.
 */
export async function cutLog(dataDir: string, part: PartOfLog): Promise<void> {
  const { log } = processFiles(workerDirectory(dataDir, part.run), 'plotter');
  const kept = keptLog(dataDir, part.worker, 'plotter');
  await mkdir(join(dataDir, 'logs'), { recursive: true, mode: 0o700 });
  const draft = `${kept}.tmp`;
  await pipeline(bytesOf(log, await rangesOf(log, part)), createWriteStream(draft, { mode: PRIVATE_FILE }));
  await rename(draft, kept);
}

/** Of a file the bytes from an offset up to another one. */
interface Range {
  from: number;
  to: number;
}

async function rangesOf(log: string, { nth, definition }: PartOfLog): Promise<Range[]> {
  const { leaves } = planOf(definition);
  const reader = plotsInLog(definition);
  const stages = new Map<number, string>();
  const ranges: Range[] = [];
  let from = 0;
  for (const { line, end } of linesOfFile(log)) {
    const read = reader.parse(line, (each) => stages.get(each) ?? null);
    for (const signal of read.signals)
      if (signal.type === 'enter' && leaves.some(({ id }) => id === signal.stage))
        stages.set(read.nth, signal.stage);
    const last = ranges.at(-1);
    if (read.nth === nth && last?.to === from) last.to = end;
    else if (read.nth === nth) ranges.push({ from, to: end });
    from = end;
  }
  const last = ranges.at(-1);
  // A last line without an end is part of the last plot's.
  if (last?.to === from && from > 0) last.to = (await stat(log)).size;
  return ranges;
}

async function* bytesOf(file: string, ranges: readonly Range[]): AsyncGenerator<Buffer> {
  for (const { from, to } of ranges)
    if (to > from) yield* createReadStream(file, { start: from, end: to - 1 });
}
