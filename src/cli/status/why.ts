import type { Environment } from '../../config/environment.ts';
import { type WhyAnswer, whyAnswerSchema } from '../../control/protocol.ts';
import { askParsed } from '../ask-parsed.ts';
import { settingLines } from './setting-lines.ts';

type WaitingJob = WhyAnswer['jobs'][number];

/**
 * `plot2mqtt why [JOB or MOVE]`: asks the running daemon by its socket what keeps the next worker, or the next file, from
 * starting: of one job or move each gate, open or closed; else what each of them waits for.
 * @returns the exit code: 0 where it answered, 1 where it didn't or has no such job or move
 */
export async function runWhy(config: string, job: string | null, env: Environment): Promise<0 | 1> {
  const asked = await askParsed(config, env, { type: 'why', job }, whyAnswerSchema);
  if (asked === null) return 1;
  const lines = job === null ? asked.answer.jobs.map(oneLine) : asked.answer.jobs.flatMap(allGates);
  for (const line of lines.length > 0 ? lines : ['there is no job'])
    process.stdout.write(`${asked.mask(line)}\n`);
  return 0;
}

function oneLine(job: WaitingJob): string {
  return `${job.id}: ${job.waiting_for}: ${job.waiting_text}${heldBack(job)}`;
}

function heldBack({ pending }: WaitingJob): string {
  if (pending === 0) return '';
  return pending === 1 ? ' (1 start waits)' : ` (${pending} starts wait)`;
}

/** What the job waits for, then a line for each gate. */
function allGates(job: WaitingJob): string[] {
  const width = Math.max(0, ...job.gates.map(({ gate }) => gate.length));
  const gates = job.gates.map(
    ({ gate, open, text }) => `  ${open ? 'open  ' : 'closed'}  ${gate.padEnd(width)}  ${text}`,
  );
  // The other settings have gates that say so.
  const silent = job.unlike_file?.filter(({ setting }) => setting === 'emit_events');
  return [oneLine(job), ...gates, ...settingLines(silent, job.id)];
}
