import fc from 'fast-check';

/** A message as somebody hostile, clumsy or unlucky sends it. */
export interface Sent {
  rest: string;
  payload: Buffer;
}

/** A file that appears only if something that came over MQTT was executed. */
export const CANARY = 'canary';

const HOSTILE_TEXTS = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '../../etc/passwd',
  '/etc',
  '/../../root',
  'a/../../b',
  `$(touch ${CANARY})`,
  `; touch ${CANARY} #`,
  `\`touch ${CANARY}\``,
  `' && touch ${CANARY} && '`,
  `%plot%; touch ${CANARY}`,
  `--fail-at=$(touch ${CANARY})`,
  'job/x/set/enabled',
  '+',
  '#',
  '$SYS/broker',
  '\u0000',
  '\u202e',
  'ｊｏｂ',
  'x'.repeat(49),
  'x'.repeat(10_000),
  '\n',
  ' ',
  '-',
  '*',
  '$'.concat('{HOME}'),
  '!secret password',
] as const;

const IDS = ['victim', 'made-1', 'made-2', 'made-3', 'nobody'] as const;
const FIELDS = [
  ...[
    'id',
    'plotter',
    'title',
    'enabled',
    'emit_events',
    'paused',
    'max_workers',
    'plots_to_do',
    'cpus',
    'nice',
  ],
  ...[
    'command',
    'pre_command',
    'post_command',
    'arguments',
    'replot',
    'save_logs',
    'max_failures',
    'stop_grace',
  ],
  ...['events', 'starts', 'value', 'transaction', 'dismiss', '__proto__', 'constructor', 'check_space'],
] as const;
const ARGUMENTS = [
  'temp_dir',
  'temp2_dir',
  'dest_dir',
  'extra',
  'k',
  'threads',
  'farmer_key',
  '__proto__',
] as const;

const text = fc.oneof(fc.constantFrom(...HOSTILE_TEXTS), fc.string({ unit: 'binary', maxLength: 30 }));
const number = fc.oneof(
  fc.constantFrom(0, -0, -1, 1, 2 ** 31, 2 ** 53, 1e21, 1e308, 0.5, 1_000_001),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);
const scalar = fc.oneof(
  text,
  number,
  fc.boolean(),
  fc.constant(null),
  fc.constantFrom(...IDS, 'madmax', 'chia'),
);
const value = fc.oneof(
  { weight: 4, arbitrary: scalar },
  { weight: 1, arbitrary: fc.array(scalar, { maxLength: 4 }) },
  { weight: 1, arbitrary: fc.dictionary(fc.oneof(text, fc.constantFrom(...FIELDS)), scalar, { maxKeys: 4 }) },
  { weight: 1, arbitrary: fc.dictionary(fc.constantFrom(...ARGUMENTS), scalar, { maxKeys: 4 }) },
);

/** An object as JSON text: `__proto__` in it is a key, as JSON.parse takes it. */
const object = fc
  .array(fc.tuple(fc.oneof(fc.constantFrom(...FIELDS), text), value), { maxLength: 6 })
  .map(
    (pairs) => `{${pairs.map(([key, each]) => `${JSON.stringify(key)}:${JSON.stringify(each)}`).join(',')}}`,
  );

/** A definition that is nearly right. */
const job = fc
  .tuple(fc.constantFrom(...IDS), fc.constantFrom(...FIELDS), value, fc.constantFrom(...ARGUMENTS), value)
  .map(([id, field, odd, argument, given]) => {
    const whole = {
      id,
      plotter: 'madmax',
      arguments: { temp_dir: 'missing', [argument]: given },
      [field]: odd,
    };
    return JSON.stringify(whole);
  });

const nested = fc
  .integer({ min: 1, max: 5000 })
  .map((depth) => `{"value":${'['.repeat(depth)}${']'.repeat(depth)}}`);
const broken = fc
  .tuple(object, fc.nat(200))
  .map(([json, cut]) => json.slice(0, -1 - (cut % Math.max(1, json.length))));

const payload: fc.Arbitrary<Buffer> = fc.oneof(
  { weight: 6, arbitrary: object.map((json) => Buffer.from(json)) },
  { weight: 6, arbitrary: job.map((json) => Buffer.from(json)) },
  { weight: 3, arbitrary: scalar.map((each) => Buffer.from(String(each))) },
  { weight: 2, arbitrary: broken.map((json) => Buffer.from(json)) },
  { weight: 1, arbitrary: nested.map((json) => Buffer.from(json)) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)) },
);

/** What may stand in a topic: a broker hangs up on wildcards and control characters, so they never reach the daemon. */
function plainLevel(hostile: string): string {
  return hostile.replaceAll(/[^!-~]|[/+#]/g, '').slice(0, 200) || 'x';
}

/** One level of a topic. */
const level = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...IDS) },
  {
    weight: 1,
    arbitrary: text.map((each) => plainLevel(each)),
  },
);
const rest = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom('create', 'update', 'delete', 'get').map((act) => `bridge/request/job/${act}`),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('bridge/request/job/list', 'bridge/request/constructor', 'bridge/request/'),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(level, fc.constantFrom(...FIELDS, ...HOSTILE_TEXTS))
      .map(([id, field]) => `job/${id}/set/${plainLevel(field)}`),
  },
  { weight: 1, arbitrary: level.map((id) => `job/${id}/set`) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(level, fc.constantFrom('start', 'reset', 'dismiss', 'constructor', '__proto__'))
      .map(([id, act]) => `job/${id}/do/${act}`),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(level, level, fc.constantFrom('do/dismiss', 'set/paused', 'set/__proto__'))
      .map(([id, slot, act]) => `job/${id}/worker/${slot}/${act}`),
  },
  { weight: 1, arbitrary: level.map((name) => `fire/${name}`) },
);

/** Messages on every command topic; an empty one asks for nothing where it is retained, and is left to other tests. */
export const sent: fc.Arbitrary<Sent> = fc.record({ rest, payload });
