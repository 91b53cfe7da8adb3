import { closeSync, existsSync, openSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { PlotterDefinition } from '../../config/schema/plotter.ts';
import { isDefinition, isWorker } from '../../engine/model/shapes.ts';
import type { WorkerState } from '../../engine/model/worker-state.ts';
import { PRIVATE_FILE } from '../../storage/private.ts';
import { seal } from '../../storage/sealed.ts';
import { codeOf } from '../../util/errors.ts';
import { isObject } from '../../util/objects.ts';
import { readNote, writeNote } from './sealed-note.ts';

const FILE = 'worker.json';
const ENDED = 'ended.json';
const VERSION = 2;

/** What a worker's own directory says of it, should the state be lost. */
export interface WorkerRecord {
  instance: string;
  /** Number of the last event when it was written. */
  seq: number;
  /** Where the data directory was: the worker's processes write there. */
  data_dir: string;
  worker: WorkerState;
  definition: PlotterDefinition;
}

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
  const found = readable(file);
  if (!isObject(found) || found.version !== VERSION) return null;
  const { instance, seq, data_dir, worker, definition } = found;
  if (typeof instance !== 'string' || typeof seq !== 'number' || typeof data_dir !== 'string') return null;
  return isWorker(worker) && isDefinition(definition)
    ? { instance, seq, data_dir, worker, definition }
    : null;
}

/** What can't be read says nothing either: the worker is then known by less. */
function readable(file: string): unknown {
  try {
    return readNote(file);
  } catch {
    return undefined;
  }
}
