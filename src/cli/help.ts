/** What `plot2mqtt COMMAND --help` prints: what the command does, and all that it takes. */
export const COMMAND_HELP = {
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

Writes a commented config.yaml with the plotter and the disks of this machine. One that is there
stays as it is.

  -c, --config FILE   where to write it

Exit code: 0, or 1 where it was there or can't be written.
`,
  service: `plot2mqtt service print [--config FILE]

Prints the systemd unit for this machine, account and configuration.

  -c, --config FILE   the configuration that the service is to run

Exit code: 0.
`,
  health: `plot2mqtt health [--config FILE] [--mqtt]

Asks the running daemon by its socket whether it works, whatever its broker does, for at most 5 s.

  -c, --config FILE   the configuration of the daemon
      --mqtt          ask over the broker

Exit code: 0 it answers, 1 it doesn't.
`,
  why: `plot2mqtt why [JOB] [--config FILE]

Asks the running daemon by its socket what keeps the next worker of a job from starting: each gate,
open or closed, in a sentence. Without a job: what each waits for.

  JOB                 its id
  -c, --config FILE   the configuration of the daemon

Exit code: 0, or 1 where the daemon doesn't answer or has no such job.
`,
} as const;
export type HelpTopic = keyof typeof COMMAND_HELP;

export const HELP_TOPICS = [
  'run',
  'check',
  'schema',
  'init',
  'service',
  'health',
  'why',
] as const satisfies HelpTopic[];

/** Which command's help is meant by a word of the command line. */
export function helpTopic(word: string): HelpTopic | undefined {
  return HELP_TOPICS.find((topic) => topic === word);
}
