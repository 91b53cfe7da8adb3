import { code, table } from './table.mjs';

/** By code: what it means, and what to do. */
const MEANING = {
  invalid_payload: [
    'the message is not what the topic takes',
    '`path` names the field; [topics.md](topics.md) has what it takes',
  ],
  invalid_config: [
    'the job, or the file that was read again, is not valid, or a setting would make it so',
    '`path` names the place; `plot2mqtt check` tells more',
  ],
  unknown_command: ['there is no such topic or field', 'compare with [topics.md](topics.md)'],
  unknown_job: ['there is no job of this id', 'publish to `bridge/request/job/list` to see which there are'],
  unknown_worker: [
    'the slot has no worker, or is no number',
    'slots count from 1; a worker that has ended is gone',
  ],
  unknown_move: ['config.yaml has no such entry of `moves`', '`plot2mqtt status` shows which there are'],
  job_exists: ['the id is taken', 'take another one, or update the job that is there'],
  job_paused: [
    'the job is paused, or a hold stands',
    'resume it: `set/paused` with `OFF`; release the hold that the message names',
  ],
  not_allowed: [
    'what config.yaml defines is not redefined, running jobs are not deleted, commands, replotting and foreign directories are not taken over MQTT, retained commands not executed',
    'the message says which; `security` in config.yaml loosens the third and the fourth',
  ],
  limit_reached: [
    '`max_workers` of the job or of the farm, `plots_to_do` or an entry of `limits` or `disks` is reached; or there are 1000 jobs made over MQTT, or 100 holds',
    'raise the limit, wait for a worker to end, delete a job, or release a hold; `plot2mqtt why` says which limit',
  ],
  missing_argument: [
    'a required argument is found nowhere',
    'set it in the job, in `plotters.<id>.arguments` or in `defaults`',
  ],
  missing_directory: [
    'a directory is not there or cannot be written',
    'mount its disk, make it, or give it to the account',
  ],
  no_space: [
    'there is no room for one more plot',
    'free some, take another disk, or let `replot` remove old plots',
  ],
  not_stored: [
    'the state cannot be written (the disk of `data_dir` is full, read-only or broken), so nothing was changed',
    'make room there, or mend the disk; what only stops is carried out all the same, see [reliability.md](reliability.md)',
  ],
  internal: ['something went wrong inside', "look at the daemon's log, and tell us"],
};

/** Every error code, and every exit code. */
export function errorsPage(codes) {
  const rows = codes.map((name) => {
    const meaning = MEANING[name];
    if (meaning === undefined) throw new Error(`no word about the error code ${name}`);
    return [code(name), ...meaning];
  });
  return `# Errors

## Answers to commands

A command that is refused is answered with \`{"status":"error","error":{"code":…,"message":…,"path":…}}\`, and changes
nothing.

${table(['code', 'means', 'what to do'], rows)}
## Why a job is blocked

\`blocked_reason\` of a job, and \`reason\` of its event \`job_blocked\`:

${table(
  ['reason', 'until'],
  [
    [
      '`failing`',
      '`max_failures` workers have failed in a row: until it is started by hand, reset or enabled again; `last_error` says why',
    ],
    [
      '`missing_argument`',
      'until config.yaml (read again) or an update gives it, or mends an argument or a command that is wrong',
    ],
    ['`missing_directory`', 'until it is there and can be written'],
    ['`dest_full`, `temp_full`', 'until there is room for one more plot beside those being made'],
  ],
)}
## Exit codes of the program

${table(
  ['code', 'means'],
  [
    ['0', 'all is well, or a clean stop'],
    ['1', 'failure: the last line says which'],
    ['2', 'an invalid configuration (each problem with file, line and column), or a wrong command line'],
    ['3', 'at the start: another daemon is alive on `mqtt.base_topic`, or one base topic lies in the other'],
  ],
)}`;
}
