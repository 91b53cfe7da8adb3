import { code, table } from './table.mjs';

/** By what the host's figures are measured, and why by that. */
const MEASURED_BY = [
  [
    ['cpu_percent'],
    "the kernel's own sum in `/proc/stat` (elsewhere `os.cpus()` of Node.js). node-os-utils looks at 0.2 seconds of the 30, counts waiting for disks as work, and a virtual machine's guests twice",
  ],
  [
    ['load'],
    '`os.loadavg()` of Node.js, which never fails: `load` has no value for "unknown", and node-os-utils reads the same',
  ],
  [['memory_used_mib', 'memory_total_mib'], "node-os-utils; null where it doesn't answer within 3 seconds"],
  [
    ['disks'],
    '`statfs`, one directory at a time for each mount, by a process of its own where a mount may hang. node-os-utils starts `df`, which asks all mounts and waits for one that is dead',
  ],
];

/** What is said of each of the host's disks. */
const OF_DISK = [
  [
    'free_bytes',
    'what this account may still write on its file system; null where that isn’t known, as of all numbers here',
  ],
  [
    'filesystem',
    'the mount point of its file system: disks with the same one share their room. Bind mounts, datasets of a ZFS pool and subvolumes of a Btrfs are one. Null where the directory is missing, or the system has no mount points',
  ],
  [
    'reserved_bytes',
    'what plots in the making (by what their plotters need, less what they have taken) and on their way by a move will still take of that file system',
  ],
  [
    'state',
    '`missing`: also where something else has its name; `read_only`: also where this account may not write; `not_answering`: within 3 s',
  ],
  [
    'plots',
    'files in the directory that are named like plots, by the definitions of the plotters; hidden ones are none',
  ],
  [
    'full_at',
    'when its file system will be full, if plots come to it as in the last seven days; what goes for them is taken off, and a plot that a post-command has moved counts for nothing. Null where nothing grows',
  ],
];

/** Every command, below the base topic; `test/unit/docs/topics.test.ts` sees to it that the daemon knows each. */
export const COMMANDS = [
  ['job/<job>/set/enabled', '`ON` or `OFF`'],
  ['job/<job>/set/emit_events', '`ON` or `OFF`'],
  ['job/<job>/set/paused', '`ON` or `OFF`'],
  [
    'job/<job>/set/max_workers',
    'a whole number, 0 for no limit; here and for each other setting also `default`: what config.yaml says',
  ],
  ['job/<job>/set/plots_to_do', 'a whole number, 0 for no limit'],
  ['job/<job>/set', 'an object of such fields, applied all or none'],
  [
    'job/<job>/do/start',
    'how many workers, empty or `null` for 1; answers `workers`, a list of `slot`, `worker`',
  ],
  ['job/<job>/do/reset', 'sets `plots_done`, `plots_failed` and failures to 0'],
  ['job/<job>/do/dismiss', 'stops all workers'],
  ['job/<job>/worker/<slot>/do/dismiss', 'stops one'],
  ['job/<job>/worker/<slot>/set/paused', '`ON` or `OFF`'],
  [
    'job/<job>/hold/<name>',
    '`ON` or `OFF`, or `{"value": true, "kind": "pause" or "no_starts", "reason": "…", "for": "2h"}`: sets or releases a hold of the job ([holds.md](holds.md)); answers `changed`',
  ],
  ['farm/hold/<name>', 'the same for all jobs; with `"moves": true` for moves too'],
  [
    'farm/set/max_workers',
    'workers of all jobs at once, from 0 (none starts) to 1000, which `default` is too',
  ],
  [
    'farm/do/stop',
    'sets the hold `drain`, moves too, and stops all workers and moves; answered when they have ended',
  ],
  ['move/<move>/set/enabled', '`ON` or `OFF`; `ON` has files tried again that have failed'],
  ['move/<move>/set/paused', '`ON` or `OFF`'],
  [
    'fire/<name>',
    'fires a named event from outside; answers `data.jobs`, how many jobs start on it. A second one with the same `transaction`, among the last thousand, does nothing',
  ],
  ['bridge/request/job/create', 'a job as in config.yaml, and its `id`; answers `job`'],
  ['bridge/request/job/update', '`id` and the fields to change, `null` for the default; answers `job`'],
  ['bridge/request/job/delete', '`id`; with `"dismiss": true` its workers are stopped first'],
  ['bridge/request/job/get', '`id`; answers `job`'],
  ['bridge/request/job/list', 'answers `jobs`'],
  [
    'bridge/request/history',
    '`job`, `since` (a time, ISO 8601), `limit` (1 to 1000, default 20), each may be left out; answers `plots`, workers that have ended as in `history.jsonl`, the newest last, and `total`, how many there are',
  ],
  [
    'bridge/request/events',
    '`job`, `since` (a time, ISO 8601), `limit` (1 to 1000, default 100), each may be left out; answers `events`, those of the last 14 days but stages and progress, the newest last',
  ],
  [
    'bridge/request/why',
    '`job`; answers `gates`, a list of `gate`, `open`, `text`: what is asked whether one more worker may start',
  ],
  ['bridge/request/reload', 'reads config.yaml again'],
];

/** Every topic, event and command; `program` is what src/contract exports. */
export function topicsPage(program) {
  const published = Object.values(program.PUBLISHED);
  const kinds = published.flatMap(({ path, says, rows, retained }) => {
    const kept = retained ? 'yes' : 'no';
    const object = [code(`B/${path}`), rows ? `${says}: an object of the keys below` : says, kept];
    if (!rows || program.plainKeysOf(rows).length === 0) return [object];
    return [object, [code(`B/${path}/<key>`), 'one value for each key that has a topic', kept]];
  });
  const objects = published.flatMap(({ path, rows }) =>
    rows ? [`### \`B/${path}\`\n\n${keysTable(rows, program)}`] : [],
  );
  const measured = MEASURED_BY.map(([keys, by]) => [codes(keys), by]);
  const gone = MEASURED_BY.flatMap(([keys]) => keys.filter((key) => !(key in program.PUBLISHED.host.rows)));
  if (gone.length > 0) throw new Error(`the host has no ${gone} any more`);
  const ofDisk = OF_DISK.map(([key, says]) => {
    if (!(key in program.PUBLISHED.host.rows.disks.is.inside)) throw new Error(`disks have no ${key}`);
    return [code(key), says];
  });
  const events = Object.entries(program.EVENT_ROWS).map(([type, { says, keys }]) => [
    code(type),
    says,
    codes(Object.keys(keys)),
  ]);
  return `# Topics, events and commands

\`B\` is \`mqtt.base_topic\`, \`plot2mqtt\` where you don't say another. On topics of one value, no value is \`None\` and
booleans are \`ON\` and \`OFF\`; in objects they are JSON's. Times are ISO 8601 in UTC, durations seconds, \`progress\` a
percentage. Every message has QoS 1. State comes before what tells of it: an automation that an event triggers reads
what the event says, and what a command has changed is there before its answer.

## What the daemon publishes

${table(['topic', 'payload', 'retained'], kinds)}
${objects.join('\n')}
#### By what the host's figures are measured

${table(['figure', 'by'], measured)}
#### What is said of each disk

${table(['key', ''], ofDisk)}
## Events

Each has ${codes(Object.keys(program.ENVELOPE))}, and the keys below. \`id\` is unique, whatever is lost; \`seq\` grows by
one, after a loss of records it jumps by a million; \`event_type\` is the same as \`type\`.

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

/** The keys of an object; whether they stand alone too is told where not all do, or none. */
function keysTable(rows, program) {
  const plain = new Set(program.plainKeysOf(rows));
  const some = plain.size > 0 && plain.size < Object.keys(rows).length;
  const lines = Object.entries(rows).map(([key, row]) => [
    code(key),
    ...(some ? [plain.has(key) ? 'yes' : 'no'] : []),
    wordsOf(key, row),
  ]);
  return table(['key', ...(some ? ['topic of its own'] : []), ''], lines);
}

function wordsOf(key, { is, says }) {
  const options = codes(is.inside ? Object.keys(is.inside) : (is.words ?? []));
  if (says === undefined && options === '') throw new Error(`no word about ${key}`);
  if (says === undefined) return options;
  return options === '' ? says : `${says} (${options})`;
}

const codes = (all) => all.map(code).join(', ');
