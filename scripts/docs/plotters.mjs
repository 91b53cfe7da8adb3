import { code, table } from './table.mjs';

/** Arguments, stages and room of every plotter that is built in. */
export function plottersPage(plotters) {
  return `# Plotters

Each is a file in [src/plotters/definitions](../src/plotters/definitions); one of your own has the same shape
([adding-a-plotter.md](adding-a-plotter.md)). A stage's share of the time is that of its k32 logs, until this machine has
made such a plot itself.

${[...plotters].map(plotter).join('\n')}`;
}

function plotter([id, definition]) {
  const words = definition.words.map((word) => code(word)).join(' ');
  return `## ${id}: ${definition.title}

Runs ${code(definition.command)}, always with ${words}.

### Arguments

${table(['name', 'flag', 'value', 'default', ''], Object.entries(definition.arguments).map(argument))}
### Stages

${table(['stage', 'title', 'share of the time'], stages(definition.stages))}
### Room for one plot

${roomTable(definition)}`;
}

/** By size, by two arguments, or for each of so many. */
function roomTable({ space, size_argument }) {
  const { by = [size_argument], per, plus, ...sizes } = space;
  const heads = ['plot', 'temporary, in one directory', 'temporary, in two'];
  if (per === undefined) return table([by.join('/'), ...heads], Object.entries(sizes).map(room));
  const once = plus > 0 ? [room(['and once', { plot: plus, temp: { once: plus } }])] : [];
  return table(['', ...heads], [room([`for each (${code(per)})`, sizes]), ...once]);
}

function argument([name, { flag, type, min, max, required, one_of, default: value, title }]) {
  const range = min === undefined ? '' : max === undefined ? ` from ${min}` : ` ${min} to ${max}`;
  const needed = required ? (one_of ? `required: one of ${one_of}_…` : 'required') : '';
  return [
    code(name),
    flag ? code(flag) : '',
    `${type}${range}`,
    value === undefined ? needed : code(value),
    title ?? '',
  ];
}

function stages(all) {
  const total = all.reduce((sum, { weight = 0 }) => sum + weight, 0);
  return all.map(({ id, title, weight }) => {
    const steps = all.filter((step) => step.id.startsWith(`${id}.`));
    const share = weight ?? steps.reduce((sum, step) => sum + (step.weight ?? 0), 0);
    return [code(id), title, `${((share / total) * 100).toFixed(1)} %`];
  });
}

function room([size, { plot, temp, together }]) {
  const shares = Object.values(temp);
  const sum = shares.reduce((bytes, share) => bytes + share, 0);
  return [size, gigabytes(plot), gigabytes(together ?? sum), shares.map(gigabytes).join(' + ')];
}

function gigabytes(bytes) {
  return `${Number((bytes / 1e9).toPrecision(4))} GB`;
}
