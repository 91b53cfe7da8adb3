import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The built program, `main.js`. */
    program: string;
  }
}

/** Builds the program into a folder of its own, so that nobody else's build changes it under the tests. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'plot2mqtt-program-'));
  await promisify(execFile)(process.execPath, ['scripts/build.mjs', folder]);
  project.provide('program', join(folder, 'main.js'));
  return () => rm(folder, { recursive: true, force: true });
}
