#!/usr/bin/env node
import { parseCommandLine } from './cli/arguments.ts';
import type { CommandLine } from './cli/command-line.ts';
import { endWithoutOutput, written } from './cli/output.ts';
import { helpText } from './cli/usage.ts';
import { nodeProblem } from './util/node-version.ts';
import { VERSION } from './util/version.ts';

/**
 * All else is a file of its own, as the build makes it: to read it takes as long as Node.js itself takes to start.
 * Bought for `--version`, whose goal is in docs/performance.md.
 */
const PROGRAM = new URL('program.js', import.meta.url).href;

/** Runs one command. Returns the exit code (contract, section 1). */
async function main(line: CommandLine): Promise<number> {
  switch (line.command) {
    case 'version':
      process.stdout.write(`${VERSION}\n`);
      return 0;
    case 'help':
      process.stdout.write(helpText(line.about));
      return 0;
    case 'usage_error':
      process.stderr.write(`${line.message}\n`);
      return 2;
    default: {
      const problem = nodeProblem(process.versions.node);
      if (problem !== null) {
        process.stderr.write(`${problem}\n`);
        return 1;
      }
      const program: typeof import('./program.ts') = await import(PROGRAM);
      return program.perform(line);
    }
  }
}

const line = parseCommandLine(process.argv.slice(2), { env: process.env });
const isDaemon = line.command === 'run';
endWithoutOutput({ isDaemon, isEndless: line.command === 'events' });
const code = await main(line);
await written(isDaemon);
// Whatever still watches processes that go on without us must not keep us.
process.exit(code);
