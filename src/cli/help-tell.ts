import type { TellName } from './tell-words.ts';

const CONFIG = '  -c, --config FILE   the configuration of the daemon';
const EXIT = 'Exit code: 0 it was done, 1 it was refused or nobody answered within 5 s, 2 wrong usage.';

/** The help of a command that is sent to the daemon: what it does, and its words. */
function help(usage: string, says: string, words: readonly string[] = []): string {
  return `plot2mqtt ${usage} [--config FILE]

${says}

${[...words, CONFIG].join('\n')}

${EXIT}
`;
}

const JOB = '  JOB                 its id';

/** What `plot2mqtt COMMAND --help` prints of the commands that are sent to the running daemon by its socket. */
export const TELL_HELP = {
  start: help(
    'start JOB [N]',
    `Starts workers of a job by hand, also of a disabled one. Fewer than asked start where a limit cuts
them; where none can start the answer says why.`,
    [JOB, '  N                   how many, 1 where it is left out'],
  ),
  dismiss: help(
    'dismiss JOB [SLOT]',
    `Stops all workers of a job, or the one in a slot, and waits until they have ended. What they had
plotted is lost. Who waits no longer than 5 s has told the daemon all the same.`,
    [JOB, '  SLOT                the number of the slot'],
  ),
  pause: help(
    'pause JOB',
    'Holds a job where it is: its plotters are suspended, and none is started, until it is resumed.',
    [JOB],
  ),
  resume: help('resume JOB', 'Takes the pause of a job away: its plotters go on.', [JOB]),
  set: help(
    'set JOB KEY VALUE',
    `Sets a value of a job, until the value in the configuration itself is changed.`,
    [
      JOB,
      '  KEY                 enabled, emit_events, paused (ON or OFF),',
      '                      max_workers, plots_to_do (a whole number, 0 for no limit)',
    ],
  ),
  reset: help('reset JOB', "Sets a job's plots done and failures to 0.", [JOB]),
  fire: help('fire NAME', 'Fires a named event: the jobs that start on it do.', [
    '  NAME                the name of the event',
  ]),
  reload: help(
    'reload',
    'Has the daemon read its configuration again. An invalid one changes nothing; what is wrong is said.',
  ),
} as const satisfies Record<TellName, string>;
