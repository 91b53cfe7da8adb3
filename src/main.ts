#!/usr/bin/env node
import { helpText, parseCommandLine } from './cli/arguments.ts';
import { nameSourceInStacks } from './util/source-maps.ts';
import { VERSION } from './util/version.ts';

/** Runs one command; what a command doesn't need isn't loaded. Returns the exit code (contract, section 1). */
async function main(words: readonly string[]): Promise<number> {
  const line = parseCommandLine(words, process.env);
  switch (line.command) {
    case 'run':
      nameSourceInStacks();
      return (await import('./cli/run.ts')).runDaemon(line.config);
    case 'check': {
      const out = (text: string) => process.stdout.write(`${text}\n`);
      return (await import('./cli/check.ts')).runCheck({ file: line.config, env: process.env, out });
    }
    case 'schema':
      process.stdout.write((await import('./cli/schema.ts')).schemaText());
      return 0;
    case 'simulate':
      return (await import('./simulator/simulate.ts')).runSimulator([...line.rest]);
    case 'health':
      return (await import('./cli/health.ts')).runHealth(line.config);
    case 'version':
      process.stdout.write(`${VERSION}\n`);
      return 0;
    case 'help':
      process.stdout.write(helpText());
      return 0;
    case 'init':
      return (await import('./cli/init.ts')).runInit(line.config);
    case 'service print': {
      const { serviceFacts, serviceUnit } = await import('./cli/service.ts');
      process.stdout.write(serviceUnit(serviceFacts(line.config)));
      return 0;
    }
    case 'usage_error':
      process.stderr.write(`${line.message}\n`);
      return 2;
    default:
      return line satisfies never;
  }
}

const code = await main(process.argv.slice(2));
// Whatever still watches processes that go on without us must not keep us.
process.exit(code);
