import { closeSync, existsSync, openSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import type { PlotterDefinition } from '../../config/schema/plotter.ts';
import { count } from '../../engine/model/parts.ts';
import { runSchema } from '../../engine/model/run-state.ts';
import { storedPlotterSchema } from '../../engine/model/stored-definitions.ts';
import { workerSchema } from '../../engine/model/worker-state.ts';
import { PRIVATE_FILE } from '../../storage/private.ts';
import { seal } from '../../storage/sealed.ts';
import { codeOf } from '../../util/errors.ts';
import { readNote, writeNote } from './sealed-note.ts';

const FILE = 'worker.json';
const ENDED = 'ended.json';
const VERSION = 2;

/** What a run's own directory says of it and of its first worker, should the state be lost. */
const recordSchema = z.object({
  version: z.literal(VERSION),
  instance: z.string(),
  /** Number of the last event when it was written. */
  seq: count,
  /** Where the data directory was: the run's processes write there. */
  data_dir: z.string(),
  run: runSchema,
  worker: workerSchema,
  definition: storedPlotterSchema,
});
export type WorkerRecord = Omit<z.infer<typeof recordSchema>, 'version'>;

const texts = new WeakMap<PlotterDefinition, string>();

function textOf(definition: PlotterDefinition): string {
  const known = texts.get(definition) ?? JSON.stringify(definition);
  texts.set(definition, known);
  return known;
}

/**
 * Writes it before the worker's first process starts: one small write that nobody waits for on the disk, since it
 * stands between an event and its plotter. Throws the system's error.
 */
export function writeWorkerRecord(dir: string, record: WorkerRecord): void {
  const { definition, ...rest } = record;
  const fields = JSON.stringify({ version: VERSION, ...rest }).slice(1, -1);
  writeNote(join(dir, FILE), seal(`${fields},"definition":${textOf(definition)}}`));
}

/**
 * Marks the directory of a worker that has ended, which may not go away with it: nobody takes it for a live one then,
 * even where the history was moved. A rename, since a full disk has room for that. Throws the system's error.
 */
export function markEnded(dir: string): void {
  try {
    renameSync(join(dir, FILE), join(dir, ENDED));
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    if (existsSync(dir)) closeSync(openSync(join(dir, ENDED), 'a', PRIVATE_FILE));
  }
}

/** Whether the worker of this directory has ended. */
export function isMarkedEnded(dir: string): boolean {
  return existsSync(join(dir, ENDED));
}

/** What the directory of a worker says; `null` where it says nothing that can be believed. */
export function readWorkerRecord(dir: string): WorkerRecord | null {
  return readRecord(join(dir, FILE));
}

/** The same of a worker that has ended, marked or not. */
export function readEndedRecord(dir: string): WorkerRecord | null {
  return readRecord(join(dir, ENDED)) ?? readRecord(join(dir, FILE));
}

function readRecord(file: string): WorkerRecord | null {
  return recordSchema.safeParse(readable(file)).data ?? null;
}

/** What can't be read says nothing either: the worker is then known by less. */
function readable(file: string): unknown {
  try {
    return readNote(file);
  } catch {
    return undefined;
  }
}
