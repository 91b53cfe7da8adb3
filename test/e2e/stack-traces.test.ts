import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { execa } from 'execa';
import { expect, inject, it } from 'vitest';

/** What the bundle's own function throws over a path that is none: any error from within it would do. */
const STACK = `
const { perform } = await import(process.argv[1]);
await perform({ command: 'run', config: 5 }).catch((error) => console.log(error.stack));`;

it('stack traces of the daemon name files and lines of the source', async () => {
  const bundle = pathToFileURL(join(dirname(inject('program')), 'program.js')).href;
  const { stdout } = await execa(process.execPath, ['--input-type=module', '-e', STACK, bundle]);
  expect(stdout).toMatch(/^ {4}at Object\.runDaemon \(.*\/src\/cli\/run\.ts:\d+:\d+\)$/m);
  expect(stdout).not.toContain('program.js');
});
