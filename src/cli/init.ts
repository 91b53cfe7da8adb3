import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { codeOf, messageOf } from '../util/errors.ts';
import { type Findings, lookAround } from './surroundings.ts';

/**
 * `plot2mqtt init`: writes a commented config.yaml with the plotter and directories of this machine, never over one
 * that is there.
 * @returns the exit code: 0, or 1 where there was one or it could not be written
 */
export async function runInit(name: string): Promise<0 | 1> {
  const file = resolve(name);
  let found: Findings;
  try {
    found = await lookAround();
    await writeFile(file, configText(found), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    const why =
      codeOf(error) === 'EEXIST'
        ? 'is there already and stays as it is'
        : `can't be written: ${messageOf(error)}`;
    process.stderr.write(`${file} ${why}\n`);
    return 1;
  }
  if (found.plotter === null)
    process.stdout.write(
      `No plotter was found on this machine, so ${file} has no job yet: say under "plotters" where yours is, and take the marks of a comment off the job "nightly".\n`,
    );
  process.stdout.write(`${file} is written. Look through it, then: plot2mqtt check --config ${file}\n`);
  return 0;
}

/** The text of a configuration for what was found. */
export function configText(found: Findings): string {
  return [HEAD, defaults(found), plotters(found), job(found), TAIL].join('\n');
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

function commented(text: string): string {
  return text.replaceAll(/^(?=.)/gm, '# ');
}

function yamlText(value: string): string {
  return JSON.stringify(value);
}

function defaults({ temp, destination }: Findings): string {
  const lines = [
    'defaults:',
    '  # farmer_key: … # 96 characters, as "chia keys show" prints it',
    '  # pool_contract: xch1… # as "chia plotnft show" prints it; or pool_key',
    temp === null
      ? '  # temp_dir: /mnt/ssd # fast, with room for plots being made'
      : `  temp_dir: ${yamlText(temp)}`,
    destination === null
      ? '  # dest_dir: /mnt/farm1 # where finished plots go'
      : `  dest_dir: ${yamlText(destination)}`,
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
`;
  return `plotters:\n  ${plotter.id}:\n    command: ${yamlText(plotter.command)} # found on this machine\n`;
}

function job({ plotter }: Findings): string {
  const text = `jobs:
  nightly:
    title: Nightly plots
    plotter: ${plotter?.id ?? 'chia'}
    max_workers: 2 # at the same time
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

const TAIL = `# security:
#   allow_replot_over_mqtt: false
#   allow_commands_over_mqtt: false
#   allowed_dirs: [] # for jobs made over MQTT; empty: those named in this file
`;
