import type { TellName } from './tell/tell-words.ts';

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
const JOB_OR_FARM = '  JOB                 its id; without it the farm, which is all jobs';

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
    'pause [JOB]',
    `Holds a job where it is: its plotters are suspended, and none is started, until it is resumed.
Without a job that is the farm's hold "pause", which is over all jobs, and moves too.`,
    [JOB_OR_FARM],
  ),
  resume: help(
    'resume [JOB]',
    `Takes the pause of a job away, or that of the farm, and says what still holds: plotters go on when
nothing does.`,
    [JOB_OR_FARM],
  ),
  hold: help(
    'hold NAME [JOB] [--kind K] [--for D] [--reason TEXT]',
    `Sets a hold, a pause with a name, over a job or over the farm. It stands until it is released by
that name, whatever other holds come and go. Said again it is what is said now.`,
    [
      '  NAME                the name of the hold',
      JOB_OR_FARM,
      '      --kind K        pause: running plotters are suspended, none is started (the default, where',
      '                      the configuration says nothing else); no_starts: running ones go on',
      '      --for D         it goes by itself after that time: 30s, 5m, 2h, 1d, or seconds',
      '      --reason TEXT   why, for those who ask what a job waits for',
    ],
  ),
  release: help(
    'release NAME [JOB]',
    'Takes a hold of a job or of the farm away, and says what still holds.',
    ['  NAME                the name of the hold', JOB_OR_FARM],
  ),
  drain: help(
    'drain [--for D]',
    `Sets the farm's hold "drain": no worker is started, those that run go on to their end. Says what
still runs. "plot2mqtt release drain" takes it away.`,
    ['      --for D         it goes by itself after that time: 30s, 5m, 2h, 1d, or seconds'],
  ),
  set: help(
    'set JOB KEY VALUE',
    `Sets a value of a job, until the value in the configuration itself is changed.
"set farm max_workers N" sets how many workers of all jobs may run at once.`,
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
