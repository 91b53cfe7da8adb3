import { code, table } from './table.mjs';

/** Keys whose schema says nothing of itself: the longer story of plotters is in docs/adding-a-plotter.md. */
const MORE = {
  'plotters.<id>.command': 'Shell snippet that runs the plotter; "$@" stands for its arguments.',
  'plotters.<id>.arguments': "Its arguments' defaults, by name; in a definition: the arguments themselves.",
  'plotters.<id>.title': 'How it is shown.',
  'plotters.<id>.words': 'Words that always come first.',
  'plotters.<id>.several': 'One process makes several plots.',
  'plotters.<id>.several.flag': 'The word before their number, which it always gets.',
  'plotters.<id>.several.finish': 'The signal on which it ends after the plot that it makes.',
  'plotters.<id>.other_flags': 'Other spellings of flags, by flag: what `extra` may not repeat.',
  'plotters.<id>.size_argument': 'The argument that decides the size of a plot, the key of `space`.',
  'plotters.<id>.space':
    'Room by size, or for each of so many as an argument says, in bytes; without an entry the room is not checked.',
  'plotters.<id>.space.by': 'Arguments that decide the size together: keys are then such as "32/7".',
  'plotters.<id>.space.per': 'The argument that says how many there are: what follows is for each of them.',
  'plotters.<id>.space.plot': 'The final plot.',
  'plotters.<id>.space.temp': 'At most, by the argument of the temporary directory, the main one first.',
  'plotters.<id>.space.together': 'What they need at most where all are one directory.',
  'plotters.<id>.space.plus': 'And so much once in each directory.',
  'plotters.<id>.space.<id>.plot': 'The final plot.',
  'plotters.<id>.space.<id>.temp': 'At most, by the argument of the temporary directory, the main one first.',
  'plotters.<id>.space.<id>.together': 'What they need at most where all are one directory.',
  'plotters.<id>.open_files': 'Files open at once at most; without it the limit is not checked.',
  'plotters.<id>.open_files.largest_of': 'Arguments of which the largest counts.',
  'plotters.<id>.open_files.powers_below': 'Below this, such an argument is the exponent of a power of 2.',
  'plotters.<id>.open_files.times': 'By argument: so many for each.',
  'plotters.<id>.open_files.plus': 'And so many.',
  'plotters.<id>.suffixes': 'How the files of finished plots end; default: `plot_suffix`.',
  'plotters.<id>.plot_suffix':
    'What follows the name of a plot in that of its file; default: the first of `suffixes`, else .plot.',
  'plotters.<id>.partial':
    'What follows the name of its file until it is whole, such as ".tmp": it goes where the worker fails.',
  'plotters.<id>.stages': 'The stages, in order; each step after its phase.',
  'plotters.<id>.stages[].id': 'A phase such as "2" or a step such as "1.3".',
  'plotters.<id>.stages[].title': 'How it is shown.',
  'plotters.<id>.stages[].weight': 'Its share of the whole time, in any unit; only of the innermost stages.',
  'plotters.<id>.stages[].temp': '`shrinks`: temporary files are freed in it, and none is added.',
  'plotters.<id>.patterns': 'What the lines of the log mean; the first that matches decides.',
};
/** An argument's or a pattern's own keys are told where plotters are. */
const TOLD_ELSEWHERE = /^plotters\.<id>\.(arguments\.<id>|patterns\[\])(\.|$)/;

/** Every key of config.yaml, section by section. */
export function configPage(schema) {
  const sections = Object.entries(schema.properties).map(([name, section]) => {
    const rows = keysOf(name, section).filter(({ path }) => !TOLD_ELSEWHERE.test(path));
    const lines = rows.map(({ path, schema: key, required }) => [
      code(path),
      typeOf(key),
      required ? 'required' : defaultOf(key),
      describe(path, key),
    ]);
    return `## ${name}\n\n${table(['key', 'value', 'default', ''], lines)}`;
  });
  return `${HEAD}\n${sections.join('\n')}`;
}

const HEAD = `# Every key of config.yaml

\`plot2mqtt schema\` prints the same for editors, and \`plot2mqtt check\` says what is wrong with a file. A duration is
\`30s\`, \`5m\`, \`2h\`, \`1d\` or a number of seconds. \`<id>\` is a name of your own. What an argument is called for which
plotter is in [plotters.md](plotters.md); how to write a plotter of your own in [adding-a-plotter.md](adding-a-plotter.md).

\`\${NAME}\` in a text is that environment variable, \`$\${\` a literal \`\${\`; inside commands the shell does that. \`!secret
NAME\` is the entry \`NAME\` of \`secrets.yaml\` beside config.yaml. Its value, and each password, of four characters and
more show as \`***\` in whatever texts the daemon publishes, logs or prints: titles, paths, arguments, errors, messages. In
keys, ids, named events, topics and fixed words (states, types, codes) nothing is hidden, so a secret that is one of them,
or that stands for one, is an error. Files in \`data_dir\` have paths as they are.
`;

function keysOf(path, schema, required = false) {
  const own = { path, schema, required };
  const inner = alternatives(schema).flatMap((one) => [
    ...Object.entries(one.properties ?? {}).flatMap(([name, key]) =>
      keysOf(`${path}.${name}`, key, one.required?.includes(name) === true && key.default === undefined),
    ),
    ...(isObject(one.additionalProperties) && hasKeys(one.additionalProperties)
      ? keysOf(`${path}.<id>`, one.additionalProperties).slice(1)
      : []),
    ...(isObject(one.items) && hasKeys(one.items) ? keysOf(`${path}[]`, one.items).slice(1) : []),
  ]);
  const seen = new Map([own, ...inner].map((key) => [key.path, key]));
  return [...seen.values()];
}

const isObject = (value) => typeof value === 'object' && value !== null;
const alternatives = (schema) => schema.anyOf ?? [schema];
const hasKeys = (schema) => alternatives(schema).some(({ properties }) => properties !== undefined);

function describe(path, schema) {
  const text = schema.description ?? MORE[path];
  if (text === undefined) throw new Error(`no word about ${path}: neither in the schema nor here`);
  return text;
}

const DURATION = '[smhd]';

function typeOf(schema) {
  if (schema.enum) return schema.enum.map((value) => code(value)).join(', ');
  if (schema.const !== undefined) return code(schema.const);
  if (schema.anyOf?.some(({ pattern }) => pattern?.includes(DURATION))) return 'duration';
  if (schema.anyOf) return [...new Set(schema.anyOf.map(typeOf))].join(' or ');
  if (schema.type === 'array') return schema.items ? `list of: ${typeOf(schema.items)}` : 'list';
  if (schema.type === 'integer') return `whole number${rangeOf(schema)}`;
  if (schema.type === 'number') return `number${rangeOf(schema)}`;
  if (Array.isArray(schema.type)) return schema.type.join(' or ');
  return { object: 'map', string: 'text', boolean: '`true`, `false`' }[schema.type] ?? 'any';
}

function rangeOf({ minimum, maximum }) {
  if (minimum === undefined || Math.abs(minimum) > 1e9) return '';
  return maximum === undefined || maximum > 1e9 ? ` from ${minimum}` : ` ${minimum} to ${maximum}`;
}

function defaultOf(schema) {
  const value = schema.default;
  if (value === undefined || (isObject(value) && Object.keys(value).length === 0)) return '';
  return code(isObject(value) ? JSON.stringify(value) : value);
}
