import { NOTES } from './plotter-notes.mjs';
import { code, table } from './table.mjs';

/** Arguments, stages and room of every plotter that is built in, and what is known of it. */
export function plottersPage(plotters) {
  const all = [...plotters].map(([id, definition]) => [id, definition, NOTES[id]]);
  return `# Plotters

Each is a file in [src/plotters/definitions](../src/plotters/definitions); one of your own has the same shape
([adding-a-plotter.md](adding-a-plotter.md)). \`plot2mqtt simulate PLOTTER\` behaves as each of them. A stage's share of the
time is that of its logs, until this machine has made such a plot itself. All plotters of the old format have the same
stages, so that a job may change its plotter and keep its events.

${table(['plotter', 'seen running', 'needs at least', 'several plots in a run gain'], all.map(overview))}
${all.map(plotter).join('\n')}`;
}

function overview([id, , { short, needs, several }]) {
  return [`[${id}](#${id})`, short, needs, several];
}

function plotter([id, definition, { seen }]) {
  const words = definition.words.map((word) => code(word)).join(' ');
  return `## ${id}

**${definition.title}**: runs ${code(definition.command)}${words === '' ? '' : `, always with ${words}`}.

${seen}

${severalText(definition)}

### Arguments of ${id}

${table(['name', 'flag', 'value', 'default', ''], Object.entries(definition.arguments).map(argumentRow))}
### Stages of ${id}

${table(['stage', 'title', 'share of the time'], stages(definition.stages))}
### Room for one plot of ${id}

${roomTable(definition)}`;
}

function severalText({ several }) {
  if (several === undefined) return 'A process makes one plot.';
  const end = several.finish
    ? `it takes ${several.finish} for "after this plot"`
    : 'it knows no "after this plot", so that it is stopped when the next one has begun and the last is in its place';
  return `\`plots_per_run\` is its ${code(several.flag)}, which it always gets; ${end}.`;
}

/** By size, by two arguments, or for each of so many. */
function roomTable({ space, size_argument }) {
  const { by = [size_argument], per, plus, ...sizes } = space;
  const all = per === undefined ? Object.values(sizes) : [sizes];
  const temps = Math.max(...all.map(({ temp }) => Object.keys(temp).length));
  const heads = ['plot', ...['temporary, in one directory', 'temporary, in two'].slice(0, temps)];
  if (per === undefined)
    return table(
      [by.join('/'), ...heads],
      Object.entries(sizes).map((size) => room(size, temps)),
    );
  const once = plus > 0 ? [room(['and once', { plot: plus, temp: { once: plus } }], temps)] : [];
  return table(['', ...heads], [room([`for each (${code(per)})`, sizes], temps), ...once]);
}

function argumentRow([name, argument]) {
  const { flag, type, min, max, required, one_of, default: value, title } = argument;
  const range = min === undefined ? '' : max === undefined ? ` from ${min}` : ` ${min} to ${max}`;
  const needed = required ? (one_of ? `required: one of ${one_of}_…` : 'required') : '';
  return [
    code(name),
    flag ? code(flag) : argument.pass ? '' : 'not passed',
    `${type}${range}`,
    value === undefined ? needed : code(value),
    title ?? '',
  ];
}

function stages(all) {
  // Without weights the innermost stages take the same time.
  const weighted = all.some(({ weight }) => weight !== undefined);
  const stepsOf = (id) => all.filter((step) => step.id.startsWith(`${id}.`));
  const weightOf = ({ id, weight }) => weight ?? (weighted || stepsOf(id).length > 0 ? 0 : 1);
  const total = all.reduce((sum, stage) => sum + weightOf(stage), 0);
  return all.map((stage) => {
    const { id, title } = stage;
    const share = stepsOf(id).reduce((sum, step) => sum + weightOf(step), weightOf(stage));
    return [code(id), title, `${((share / total) * 100).toFixed(1)} %`];
  });
}

function room([size, { plot, temp, together }], temps) {
  const shares = Object.values(temp);
  const sum = shares.reduce((bytes, share) => bytes + share, 0);
  const cells = [gigabytes(together ?? sum), shares.map(gigabytes).join(' + ')];
  return [size, gigabytes(plot), ...cells.slice(0, temps)];
}

function gigabytes(bytes) {
  return `${Number((bytes / 1e9).toPrecision(4))} GB`;
}
