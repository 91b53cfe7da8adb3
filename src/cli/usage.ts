import { COMMAND_HELP, type HelpTopic } from './help.ts';

const USAGE = `plot2mqtt: a plotting manager for Chia farmers, driven over MQTT

  plot2mqtt [run] [--config FILE]        run in the foreground until SIGINT or SIGTERM
  plot2mqtt check [--config FILE] [--replot]
                                         validate the configuration, show each job's command line;
                                         --replot: list each plot that replotting would remove now
  plot2mqtt schema                       print the JSON Schema of config.yaml
  plot2mqtt init [--config FILE]         write a commented config.yaml for this machine
  plot2mqtt service print [--config FILE]
                                         print the systemd unit for this machine and account
  plot2mqtt homeassistant DIR            copy card, blueprints, package and dashboards into that
                                         configuration directory of Home Assistant
  plot2mqtt forget [--config FILE]       the daemon being stopped: clear what it left on its broker
  plot2mqtt simulate PLOTTER [--speed N] [--fail-at STAGE] [ARGUMENTS…]
                                         behave as that built-in plotter, N times as fast
  plot2mqtt health [--config FILE] [--mqtt]
                                         ask the running daemon, by its socket or over its broker
  plot2mqtt why [JOB or MOVE] [--config FILE]
                                         what keeps a job's next worker, or a move's next file, from
                                         starting; without one what all of them wait for
  plot2mqtt status [JOB] [--watch | --json]
                                         what runs: jobs, workers, moves, room on the disks;
                                         --watch: kept current on the screen
  plot2mqtt events [JOB] [--since TIME] [--json]
                                         follow events, first those since then
  plot2mqtt history [JOB] [--since TIME] [--limit N] [--json]
                                         workers that have ended, and what their phases took
  plot2mqtt start JOB [N]                start a worker of a job, or N
  plot2mqtt dismiss JOB [SLOT]           stop all workers of a job, or the one in a slot
  plot2mqtt pause [JOB] | resume [JOB]   suspend a job's plotters, or all; let them go on
  plot2mqtt hold NAME [JOB] [--kind K] [--for D] [--reason TEXT]
                                         set a pause with a name, over a job or the farm
  plot2mqtt release NAME [JOB]           take it away
  plot2mqtt drain [--for D]              start no worker any more; those that run go on
  plot2mqtt stop [--yes]                 stop every worker, start none any more
  plot2mqtt set JOB KEY VALUE            enabled, emit_events, paused, max_workers, plots_to_do
  plot2mqtt set farm max_workers N       workers of all jobs at once
  plot2mqtt reset JOB                    forget what a job has made and how often it failed
  plot2mqtt fire NAME                    fire a named event
  plot2mqtt reload                       have the daemon read its configuration again
  plot2mqtt --version | --help
  plot2mqtt COMMAND --help               what that command takes

  -c, --config FILE   default: $PLOT2MQTT_CONFIG, else the first that is there of ./config.yaml,
                      ~/.config/plot2mqtt/config.yaml, /etc/plot2mqtt/config.yaml

Exit code: 0 all is well, 1 failure, 2 invalid configuration or usage, 3 another daemon has the
base topic.
`;

/** What `plot2mqtt --help` prints, or that of one command. */
export function helpText(about?: HelpTopic): string {
  return about === undefined ? USAGE : `${COMMAND_HELP[about]}`;
}
