import { TELL_HELP } from './help-tell.ts';
import { TELL_NAMES } from './tell/tell-words.ts';

/** What `plot2mqtt COMMAND --help` prints: what the command does, and all that it takes. */
export const COMMAND_HELP = {
  ...TELL_HELP,
  run: `plot2mqtt [run] [--config FILE]

Runs the daemon in the foreground until SIGINT or SIGTERM. Plotters go on, and the next start
finds them.
SIGHUP has it read the configuration again.

  -c, --config FILE   the configuration

Exit code: 0 a clean stop, 1 failure, 2 invalid configuration or usage, 3 another daemon has
mqtt.base_topic.
`,
  check: `plot2mqtt check [--config FILE] [--replot]

Validates the configuration and looks at what it names on this machine. For each job it prints the
command line or what is missing, each problem with its line and column.

  -c, --config FILE   the configuration
      --replot        list each plot that replotting would remove now

Exit code: 0 it is valid (warnings leave it 0), 2 something is wrong.
`,
  schema: `plot2mqtt schema

Prints the JSON Schema of config.yaml, for editors. It takes no options.

Exit code: 0.
`,
  init: `plot2mqtt init [--config FILE]

Writes a commented config.yaml with the plotter and the disks of this machine: fast ones on which
plots are made, large ones that keep them, patterns where several look alike. One that is there
stays as it is; nothing else is made or written.

  -c, --config FILE   where to write it

Exit code: 0, or 1 where it was there or can't be written.
`,
  forget: `plot2mqtt forget [--config FILE]

The daemon being stopped: clears all that it has retained on its broker, below earlier base topics
too, and what it has announced to Home Assistant, whose devices then go. What is in data_dir stays;
the next start publishes all of it again.

  -c, --config FILE   the configuration of the daemon

Exit code: 0 nothing of it is left there, 1 the daemon runs, or the broker doesn't answer.
`,
  service: `plot2mqtt service print [--config FILE]

Prints the systemd unit for this machine, account and configuration.

  -c, --config FILE   the configuration that the service is to run

Exit code: 0.
`,
  homeassistant: `plot2mqtt homeassistant DIR

Copies what there is for Home Assistant into its configuration directory, the one with
configuration.yaml: www/plot2mqtt.js, blueprints/automation/plot2mqtt/, packages/plot2mqtt.yaml,
plot2mqtt/ (dashboards). What an earlier run has put there is replaced, what was changed by hand
stays. It says what is left to do.

  DIR                 the directory; a mounted one of another machine does as well

Exit code: 0, or 1 where not all could be written.
`,
  health: `plot2mqtt health [--config FILE] [--mqtt]

Asks the running daemon by its socket whether it works, whatever its broker does, for at most 5 s.

  -c, --config FILE   the configuration of the daemon
      --mqtt          ask over the broker

Exit code: 0 it answers, 1 it doesn't.
`,
  why: `plot2mqtt why [JOB or MOVE] [--config FILE]

Asks the running daemon by its socket what keeps the next worker of a job, or the next file of a
move, from starting: each gate, open or closed, in a sentence. Without one: what each waits for.

  JOB or MOVE         its id
  -c, --config FILE   the configuration of the daemon

Exit code: 0, or 1 where the daemon doesn't answer or has no such job or
move.
`,
  stop: `plot2mqtt stop [--yes] [--config FILE]

Has the running daemon stop every worker and every move, and start none until "plot2mqtt release
drain". What the workers had plotted is lost; plots on the move stay where they were. On a terminal
it asks back. Who waits no longer than 5 s has told the daemon all the same.

      --yes           don't ask; wanted where there is no terminal
  -c, --config FILE   the configuration of the daemon

Exit code: 0 it was done, 1 it wasn't, or nobody answered within 5 s, 2 wrong usage.
`,
  status: `plot2mqtt status [JOB] [--watch | --json] [--config FILE]

Asks the running daemon by its socket what runs: the farm, jobs with their limits and what they wait
for, workers with stage, percentage and the time at which they will be done, moves, the room on the
disks.

  JOB                 its id; without it all jobs
      --watch         keep it current on the screen, until q or Ctrl-C; arrows and Page Up and Down
                      show what doesn't fit
      --json          one object: "farm", "host", and the lists "jobs", "workers", "moves", each as
                      its topic has it
  -c, --config FILE   the configuration of the daemon

Exit code: 0, or 1 where the daemon doesn't answer or has no such job.
`,
  events: `plot2mqtt events [JOB] [--since TIME] [--json] [--config FILE]

Follows the events of the running daemon by its socket, a line each, until Ctrl-C.

  JOB                 its id; without it events of all jobs, and of the farm
      --since TIME    first those since then, of the last 14 days, without stages and progress: a
                      day (2026-11-26), a time (ISO 8601; of this host's zone where it names none),
                      or how long ago (24h)
      --json          each as a line of JSON, as it is published
  -c, --config FILE   the configuration of the daemon

Exit code: 0 at Ctrl-C, or when nobody reads it any more; 1 where the daemon doesn't answer, ends,
or has no such job.
`,
  history: `plot2mqtt history [JOB] [--since TIME] [--limit N] [--json] [--config FILE]

Asks the running daemon by its socket for workers that have ended: a line each, the oldest first,
with the seconds of each phase, and a line that sums them up.

  JOB                 its id; without it workers of all jobs
      --since TIME    those that ended then or later: a day (2026-11-26), a time (ISO 8601; of this
                      host's zone where it names none), or how long ago (24h)
      --limit N       no more than the last N, up to 1000; default 20, with --since 1000
      --json          each as a line of JSON, as in history.jsonl
  -c, --config FILE   the configuration of the daemon

Exit code: 0, or 1 where the daemon doesn't answer or has no such job.
`,
} as const;
export type HelpTopic = keyof typeof COMMAND_HELP;

export const HELP_TOPICS: readonly HelpTopic[] = [
  ...(['run', 'check', 'schema', 'init', 'service', 'health', 'why', 'status', 'history'] as const),
  ...(['events', 'stop', 'forget', 'homeassistant'] as const),
  ...TELL_NAMES,
];

/** Which command's help is meant by a word of the command line. */
export function helpTopic(word: string): HelpTopic | undefined {
  return HELP_TOPICS.find((topic) => topic === word);
}
