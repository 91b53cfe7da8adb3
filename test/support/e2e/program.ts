import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The built program, `main.js`. */
    program: string;
  }
}

/** Takes the built program into a folder of its own, so that nobody's next build changes it under the tests. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'plot2mqtt-program-'));
  const program = join(folder, 'main.js');
  // A build puts the entry in place last: what this one needs is there.
  await cp('dist/main.js', program);
  await cp('dist', folder, { recursive: true, force: false });
  project.provide('program', program);
  return () => rm(folder, { recursive: true, force: true });
}
