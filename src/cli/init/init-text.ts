import { farmTexts } from './init-farm.ts';
import { commented, directoriesText, yamlText } from './init-yaml.ts';
import type { Findings } from './surroundings.ts';

/** The text of a configuration for what was found. */
export function configText(found: Findings): string {
  const isFarm = found.temp.length > 0 && found.destination.length > 0;
  const jobs = isFarm ? [jobOfFarm(found), ...farmTexts(found)] : [job(found)];
  return [HEAD, defaults(found), plotters(found), ...jobs, TAIL].join('\n');
}

const HEAD = `# The configuration of plot2mqtt. What is commented out shows the default or an example.
# "plot2mqtt check" says what is missing; a running daemon reads this file again on SIGHUP.

mqtt:
  broker: embedded # the daemon is the broker; or mqtt://host:1883, mqtts://, ws://, wss://
  embedded:
    listen: 127.0.0.1:1883 # to let others in, name users too
    # users: { homeassistant: !secret mqtt_password }
  # username: plot2mqtt
  # password: !secret mqtt_password

homeassistant:
  discovery: true
`;

function defaults({ temp, destination }: Findings): string {
  const lines = [
    'defaults:',
    '  # farmer_key: … # 96 characters, as "chia keys show" prints it',
    '  # pool_contract: xch1… # as "chia plotnft show" prints it; or pool_key',
    temp.length === 0
      ? '  # temp_dir: /mnt/ssd # fast, with room for plots being made'
      : `  temp_dir: ${directoriesText(temp)} # where plots are made`,
    destination.length === 0
      ? '  # dest_dir: /mnt/farm1 # where finished plots go'
      : `  dest_dir: ${directoriesText(destination)} # where finished plots go`,
  ];
  return `# What all plotters take, by argument name.\n${lines.join('\n')}\n`;
}

function plotters({ plotter }: Findings): string {
  if (plotter === null)
    return `# No plotter was found on this machine: say where it is.
plotters:
  chia:
    command: cd ~/chia-blockchain && . ./activate && chia plots create
  madmax:
    command: ~/chia-plotter/build/chia_plot
    # arguments: { threads: 8 }
# BladeBit, Gigahorse and others: docs/plotters.md
`;
  const wants = plotter.wants === undefined ? '' : `    arguments: ${plotter.wants}\n`;
  return `plotters:\n  ${plotter.id}:\n    command: ${yamlText(plotter.command)} # found on this machine\n${wants}`;
}

function job({ plotter }: Findings): string {
  const text = `jobs:
  nightly:
    title: Nightly plots
    plotter: ${plotter?.id ?? 'chia'}
    ${atOnce(plotter, 2)} # at the same time${inOneProcess(plotter)}
    plots_to_do: 0 # in all; 0: no limit
    # post_command: mv %plot% /mnt/farm2/
    # replot: { before: … } # remove plots from before that time: docs/replotting.md
    events: # moments of a worker's life, and the names under which they are known
      - { fire: next, on: stage_started, stage: "2" }
      - { fire: next, on: worker_end }
    starts: # the names on which this job starts workers
      - { on: next, workers: 1 }
      # - { on: "@startup", workers: 1 } # by itself when the daemon comes up
`;
  return plotter === null ? commented(text) : text;
}

function atOnce(plotter: Findings['plotter'], workers: number): string {
  return `max_workers: ${plotter?.alone ? 1 : workers}`;
}

/** What takes long to begin makes several plots before it ends. */
function inOneProcess(plotter: Findings['plotter']): string {
  return plotter?.alone
    ? '\n    plots_per_run: 10 # in one process: the first plot of each takes longest'
    : '';
}

/** On each disk one plot in phase 1, and one beyond it. */
const WORKERS_PER_DISK = 2;

/** The job of a machine with disks: each of its workers gets one of each kind. */
function jobOfFarm({ plotter, temp }: Findings): string {
  const disks = temp.reduce((sum, group) => sum + group.disks, 0);
  const text = `jobs:
  nightly:
    title: Nightly plots
    plotter: ${plotter?.id ?? 'chia'}
    ${atOnce(plotter, disks * WORKERS_PER_DISK)} # at the same time, on all disks together; 0: no limit${inOneProcess(plotter)}
    plots_to_do: 0 # in all; 0: no limit
    keep_running: true # a worker starts whenever one more may
    # Old plots are removed before each new one, the oldest first, none newer than that time: docs/replotting.md
    # replot: { before: … }
`;
  return plotter === null ? commented(text) : text;
}

const TAIL = `# security:
#   allow_replot_over_mqtt: false
#   allow_commands_over_mqtt: false
#   allowed_dirs: [] # for jobs made over MQTT; empty: those named in this file
`;
