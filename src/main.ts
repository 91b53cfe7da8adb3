#!/usr/bin/env node
import { type CommandLine, helpText, parseCommandLine } from './cli/arguments.ts';
import { endWithoutOutput, written } from './cli/output.ts';
import { nodeProblem } from './util/node-version.ts';
import { compileScript, runScript } from './util/script.ts';
import { VERSION } from './util/version.ts';

/** The name of the script with all else, put in by the build. */
const PROGRAM = process.env.PLOT2MQTT_PROGRAM ?? '';

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
      if (problem === null) return loadProgram().perform(line);
      process.stderr.write(`${problem}\n`);
      return 1;
    }
  }
}

function loadProgram(): typeof import('./program.ts') {
  const url = new URL(PROGRAM, import.meta.url).href;
  return runScript(compileScript(url), url);
}

const line = parseCommandLine(process.argv.slice(2), { env: process.env });
const isDaemon = line.command === 'run';
endWithoutOutput(isDaemon);
const code = await main(line);
await written(isDaemon);
// Whatever still watches processes that go on without us must not keep us.
process.exit(code);
