import { code, table } from './table.mjs';

/** Every kind of topic that the daemon publishes, below the base topic `B`. */
const STATE = {
  bridgeState: ['B/bridge/state', '`online` or `offline`; also the last will'],
  bridgeInfo: [
    'B/bridge/info',
    '`version`, `instance`, `base_topic`, `contract`, `plotters` (`id`, `title`)',
  ],
  bridgeHealth: [
    'B/bridge/health',
    'at the start, each minute and when `storage` changes: `uptime_s`, `rss_mib`, `event_loop_lag_ms`, `workers`, `mqtt_queue`, `mqtt_dropped`, `storage` (`ok`; `failing` while the state can’t be written)',
  ],
  bridgeStats: ['B/bridge/stats', '`workers` running now, `plots_done` of all time, `plots_today`'],
  host: [
    'B/host',
    'each 30 s: `cpu_percent`, `load`, `memory_used_mib`, `memory_total_mib`, `disks` (`role`, `path`, `free_bytes`, `total_bytes`)',
  ],
  event: ['B/event', 'every event, in order'],
  jobEvent: ['B/job/<job>/event/<type>', 'the events of one job'],
  job: ['B/job/<job>', 'an object of the keys below'],
  jobKey: ['B/job/<job>/<key>', 'one value for each key'],
  worker: ['B/job/<job>/worker/<slot>', 'an object of the keys below'],
  workerKey: ['B/job/<job>/worker/<slot>/<key>', 'one value for each key that has a topic'],
};

const JOB = {
  id: 'its id',
  title: 'how it is shown',
  plotter: 'the id of its plotter',
  state: (program) => program.JOB_STATES,
  blocked_reason: (program) => program.BLOCKED_REASONS,
  enabled: 'false: workers start by hand only',
  emit_events: 'false: it fires no named events',
  paused: 'its plotters are suspended, none is started',
  max_workers: 'workers at the same time; 0: no limit',
  plots_to_do: 'plots to make in all; 0: no limit',
  plots_done: 'plots made since the last reset',
  plots_remaining: 'null without a limit',
  workers: 'running now',
  pending: 'starts that a gate holds back: they start when that is over',
  progress: 'share of `plots_to_do`, in percent; null without a limit',
  eta: 'when all will be made; null without a limit',
  failures: 'in a row',
  last_error: 'why the last worker failed',
  last_plot: 'file of the last plot',
  last_plot_at: 'when it was made',
  last_plot_duration_s: 'how long it took',
  average_plot_duration_s: 'how long plots of this job take',
  waiting_for: (program) => program.WAITING_FOR,
  waiting_text: 'the same in a sentence, with names and numbers',
  next_start_at: 'when the next worker starts, with `delay`',
};

const WORKER = {
  worker: 'its id, unique for ever',
  status: (program) => program.WORKER_STATUSES,
  paused: 'paused by itself',
  stage: 'the innermost one now',
  stage_title: 'what that is called',
  progress: 'of its plot, in percent: by its log, between two lines by time, half a percent a step',
  pid: 'process id of what runs now',
  plot: 'the final plot, once its name is known',
  plot_id: 'its id, once that is known',
  started_at: 'when it started',
  eta: 'when its plot will be finished; null while it waits',
  error: 'what went wrong, also while its plotter tries again',
  waits: 'its plotter waits and tries again by itself, mostly for a full disk; `error` says for what',
};

const EVENTS = {
  worker_started: ['arguments are complete, the slot is taken', 'arguments'],
  pre_process_started: ['the pre-command runs', 'pid'],
  pre_process_finished: ['a non-zero exit fails the worker', 'exit_code, duration_s'],
  replot_removed: ['an old plot was removed', 'file, size'],
  plotter_started: ['the plotter runs', 'pid'],
  stage_started: ['a phase or step begins', 'stage, stage_title'],
  stage_finished: ['it ends', 'stage, stage_title, duration_s'],
  progress: ['the whole percent grew', 'percent'],
  plotter_finished: ['the plotter has ended', 'exit_code, plot, duration_s'],
  post_process_started: ['the post-command runs; only after a plot was made', 'pid'],
  post_process_finished: ['it has ended', 'exit_code, duration_s'],
  worker_failed: ['only where it failed', 'error'],
  worker_end: ['the slot is free', 'result, plot, error'],
  job_end: ['`plots_done` has reached `plots_to_do`', 'plots_done'],
  worker_waiting: ['its plotter waits and tries again by itself, mostly for a full disk', 'error'],
  worker_goes_on: ['it waits no more', ''],
  worker_dismissed: ['stopped on request, instead of an end', 'plot'],
  worker_paused: ['suspended', ''],
  worker_resumed: ['goes on', ''],
  worker_recovered: ['found again after a restart of the daemon', ''],
  event_fired: ['a named event', 'name, source'],
  job_created: ['a job is there', ''],
  job_updated: ['its definition has changed', ''],
  job_deleted: ['it is gone', ''],
  job_blocked: ['it can start no workers now', 'reason'],
  job_unblocked: ['it can again', 'reason'],
};

/** Every command, below the base topic; `test/unit/docs/topics.test.ts` sees to it that the daemon knows each. */
export const COMMANDS = [
  ['job/<job>/set/enabled', '`ON` or `OFF`'],
  ['job/<job>/set/emit_events', '`ON` or `OFF`'],
  ['job/<job>/set/paused', '`ON` or `OFF`'],
  ['job/<job>/set/max_workers', 'a whole number, 0 for no limit'],
  ['job/<job>/set/plots_to_do', 'a whole number, 0 for no limit'],
  ['job/<job>/set', 'an object of such fields, applied all or none'],
  [
    'job/<job>/do/start',
    'how many workers, empty or `null` for 1; answers `workers`, a list of `slot`, `worker`',
  ],
  ['job/<job>/do/reset', 'sets `plots_done` and failures to 0'],
  ['job/<job>/do/dismiss', 'stops all workers'],
  ['job/<job>/worker/<slot>/do/dismiss', 'stops one'],
  ['job/<job>/worker/<slot>/set/paused', '`ON` or `OFF`'],
  ['fire/<name>', 'fires a named event from outside; answers `data.jobs`, how many jobs start on it'],
  ['bridge/request/job/create', 'a job as in config.yaml, and its `id`; answers `job`'],
  ['bridge/request/job/update', '`id` and the fields to change, `null` for the default; answers `job`'],
  ['bridge/request/job/delete', '`id`; with `"dismiss": true` its workers are stopped first'],
  ['bridge/request/job/get', '`id`; answers `job`'],
  ['bridge/request/job/list', 'answers `jobs`'],
  [
    'bridge/request/why',
    '`job`; answers `gates`, a list of `gate`, `open`, `text`: what is asked whether one more worker may start',
  ],
  ['bridge/request/reload', 'reads config.yaml again'],
];

/** Every topic, event and command. */
export function topicsPage(program) {
  const kinds = Object.entries(program.RETAINED).map(([kind, retained]) => {
    const [topic, payload] = told(STATE, kind);
    return [code(topic), payload, retained ? 'yes' : 'no'];
  });
  const events = program.EVENT_TYPES.map((type) => {
    const [when, keys] = told(EVENTS, type);
    const words = keys === '' ? '' : keys.split(', ').map(code).join(', ');
    return [code(type), when, words];
  });
  return `# Topics, events and commands

\`B\` is \`mqtt.base_topic\`, \`plot2mqtt\` where you don't say another. On topics of one value, no value is \`None\` and
booleans are \`ON\` and \`OFF\`; in objects they are JSON's. Times are ISO 8601 in UTC, durations seconds, \`progress\` a
percentage. Every message has QoS 1. State comes before what tells of it: an automation that an event triggers reads
what the event says, and what a command has changed is there before its answer.

## What the daemon publishes

${table(['topic', 'payload', 'retained'], kinds)}
### The host's figures

| figure | is | by |
|---|---|---|
| \`cpu_percent\` | share of all CPUs that was busy since the message before; a CPU that waits for a disk is idle | the kernel's own sum in \`/proc/stat\` (elsewhere \`os.cpus()\` of Node.js). node-os-utils looks at 0.2 seconds of the 30, counts waiting for disks as work, and a virtual machine's guests twice |
| \`load\` | over 1, 5 and 15 minutes | \`os.loadavg()\` of Node.js, which never fails: \`load\` has no value for "unknown", and node-os-utils reads the same |
| \`memory_used_mib\`, \`memory_total_mib\` | used is what isn't available: caches don't count | node-os-utils; null where it doesn't answer within 3 seconds |
| \`disks\` | room for this account on the file system of each directory | \`statfs\`, one directory at a time for each mount. node-os-utils starts \`df\`, which asks all mounts and waits for one that is dead |

### A job

${table(
  ['key', ''],
  program.JOB_KEYS.map((key) => [code(key), words(told(JOB, key), program)]),
)}
### A worker

${table(
  ['key', 'topic of its own', ''],
  program.WORKER_OBJECT_KEYS.map((key) => [
    code(key),
    program.WORKER_KEYS.includes(key) ? 'yes' : 'no',
    words(told(WORKER, key), program),
  ]),
)}
## Events

Each has \`id\` (unique, whatever is lost), \`seq\` (grows by one; after a loss of records it jumps by a million), \`at\`, \`type\`, \`event_type\` (the same), \`job\`, \`slot\`, \`worker\`, and:

${table(['type', 'when', 'keys'], events)}
## Commands

Each is answered on \`B/bridge/response/…\`, in MQTT 5 on its response topic too; a \`transaction\` in a command comes back
in its answer. A plain value may come as \`{"value": …, "transaction": …}\` as well. What the codes of refusals mean is in
[errors.md](errors.md).

Answers show \`***\` in place of what is secret. A job with \`***\` in a value is refused: to change a job that
\`job/get\` has answered, send \`job/update\` only the fields that are to change, \`arguments\` being one.

${table(
  ['topic', 'payload'],
  COMMANDS.map(([topic, payload]) => [code(`B/${topic}`), payload]),
)}`;
}

function told(texts, key) {
  const found = texts[key];
  if (found === undefined) throw new Error(`no word about ${key}`);
  return found;
}

const words = (text, program) => (typeof text === 'string' ? text : text(program).map(code).join(', '));
