import { fileURLToPath } from 'node:url';
import type { CommandLine } from './cli/command-line.ts';
import { nameSourceInStacks } from './util/source-maps.ts';

/** A command line that asks for more than a few words of text. */
export type Task = Exclude<CommandLine, { command: 'version' | 'help' | 'usage_error' }>;

/** Where this program's package is: one above src/, and above dist/. */
const PACKAGE = fileURLToPath(new URL('..', import.meta.url));

/** Runs one command; what it doesn't need isn't evaluated. Returns the exit code (contract, section 1). */
export async function perform(task: Task): Promise<number> {
  switch (task.command) {
    case 'run':
      nameSourceInStacks();
      return (await import('./cli/run.ts')).runDaemon(task.config);
    case 'check': {
      const out = (text: string) => process.stdout.write(`${text}\n`);
      return (await import('./cli/check/check.ts')).runCheck({
        file: task.config,
        env: process.env,
        out,
        replot: task.replot,
      });
    }
    case 'schema':
      process.stdout.write((await import('./cli/schema.ts')).schemaText());
      return 0;
    case 'simulate':
      return (await import('./simulator/simulate.ts')).runSimulator([...task.rest]);
    case 'move-file':
      return (await import('./mover/run-mover.ts')).runMover(task.rest);
    case 'health':
      if (task.mqtt) return (await import('./cli/health-mqtt.ts')).runHealthOverMqtt(task.config);
      return (await import('./cli/health.ts')).runHealth(task.config, process.env);
    case 'why':
      return (await import('./cli/status/why.ts')).runWhy(task.config, task.job, process.env);
    case 'history':
      return (await import('./cli/past/history.ts')).runHistory(task, process.env);
    case 'status':
      if (task.watch) return (await import('./cli/watch/watch.ts')).runWatch(task, process.env);
      return (await import('./cli/status/status.ts')).runStatus(task, process.env);
    case 'events':
      return (await import('./cli/past/events.ts')).runEvents(task, process.env);
    case 'stop':
      return (await import('./cli/tell/stop.ts')).runStop(task, process.env);
    case 'tell':
      return (await import('./cli/tell/tell.ts')).runTell(task, process.env);
    case 'forget':
      return (await import('./cli/forget/forget.ts')).runForget(task.config);
    case 'init':
      return (await import('./cli/init/init.ts')).runInit(task.config);
    case 'homeassistant': {
      const { runHomeAssistant } = await import('./cli/homeassistant/run-homeassistant.ts');
      return runHomeAssistant(task.directory, PACKAGE);
    }
    case 'service print': {
      const { serviceFacts, serviceUnit } = await import('./cli/service.ts');
      process.stdout.write(serviceUnit(serviceFacts(task.config)));
      return 0;
    }
    default:
      return task satisfies never;
  }
}
