import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { CASES } from './cases/index.ts';
import type { Bench } from './lib/case.ts';
import { type Figure, table } from './lib/figure.ts';

const USAGE = `npm run bench [-- OPTIONS] [-- CASE …]

  --quick        fewer and shorter rounds
  --json FILE    the figures as JSON too
  --profile DIR  the daemon's CPU profiles, for Chrome's developer tools; it is slower then
  --program FILE the bundle's entry, default dist/main.js

Cases: ${CASES.map(({ name }) => name).join(', ')}
`;

/** Measures the cases that the command line names, or all. Answers the exit code. */
async function main(root: string, words: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: words,
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      json: { type: 'string' },
      profile: { type: 'string' },
      program: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const unknown = positionals.filter((name) => !CASES.some((known) => known.name === name));
  if (values.help || unknown.length > 0) {
    process.stdout.write(USAGE);
    return unknown.length > 0 ? 2 : 0;
  }
  const bench: Bench = {
    root,
    program: resolve(root, values.program ?? 'dist/main.js'),
    floors: join(root, 'test/bench/floors'),
    quick: values.quick,
    profiles: values.profile,
    say: (text) => process.stderr.write(`${text}\n`),
  };
  const figures: Figure[] = [];
  for (const { name, title, run } of CASES) {
    if (positionals.length > 0 && !positionals.includes(name)) continue;
    bench.say(`${name}: ${title} …`);
    const measured = await run(bench);
    figures.push(...measured);
    bench.say(table(measured));
  }
  process.stdout.write(`\n${machineText(root)}\n\n${table(figures)}\n`);
  if (values.json !== undefined)
    writeFileSync(values.json, `${JSON.stringify({ machine: machine(root), figures }, null, 2)}\n`);
  return 0;
}

function machine(root: string) {
  const [cpu] = cpus();
  return {
    at: new Date().toISOString(),
    commit: execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim(),
    node: process.version,
    kernel: release(),
    cpu: cpu?.model ?? 'unknown',
    cpus: cpus().length,
    memory_gib: Math.round(totalmem() / 1024 ** 3),
    load: loadavg(),
  };
}

function machineText(root: string): string {
  const { at, commit, node, kernel, cpu, cpus: count, memory_gib, load } = machine(root);
  const busy = load.map((value) => value.toFixed(1)).join(', ');
  return `${at}, ${commit}, Node.js ${node}, Linux ${kernel}, ${count} × ${cpu}, ${memory_gib} GiB; load at the end ${busy}`;
}

process.exit(await main(process.env.BENCH_ROOT ?? process.cwd(), process.argv.slice(2)));
