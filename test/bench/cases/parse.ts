import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { builtInPlotters } from '../../../src/plotters/catalogue.ts';
import { compileParser } from '../../../src/plotters/parser.ts';
import type { Bench, Case } from '../lib/case.ts';
import { type Figure, figureOf } from '../lib/figure.ts';

const LF = 10;

/** The same bytes as the parser gets them: cut, and made strings. */
function split(bytes: Buffer): string[] {
  const lines: string[] = [];
  let start = 0;
  for (let end = bytes.indexOf(LF); end !== -1; end = bytes.indexOf(LF, start)) {
    lines.push(bytes.toString('utf8', start, end));
    start = end + 1;
  }
  return lines;
}

interface Log {
  id: string;
  bytes: Buffer;
  lines: string[];
}

function parseAll({ id, lines }: Log): number {
  const definition = builtInPlotters().get(id);
  if (!definition) throw new Error(id);
  const parser = compileParser(definition);
  let stage: string | null = null;
  let signals = 0;
  for (const line of lines)
    for (const signal of parser.parse(line, stage)) {
      signals += 1;
      if (signal.type === 'enter' || signal.type === 'inside') stage = signal.stage;
    }
  return signals;
}

/** Lines of each round, made strings anew, as they are when they come from a file. */
function measureLogs(
  bench: Bench,
  logs: readonly string[],
  times: number,
): Omit<Parameters<typeof figureOf>[0], 'name' | 'goal'> {
  const read = logs.map((id) => ({
    id,
    bytes: readFileSync(join(bench.root, `test/fixtures/plotters/k32/${id}.log`)),
  }));
  const rounds = bench.quick ? 60 : 300;
  const samples = { floor: [] as number[], measured: [] as number[] };
  let count = 0;
  for (let round = 0; round < rounds + 20; round += 1) {
    const cut: Log[] = [];
    const began = performance.now();
    for (let time = 0; time < times; time += 1)
      for (const { id, bytes } of read) cut.push({ id, bytes, lines: split(bytes) });
    const splitting = performance.now() - began;
    count = cut.reduce((sum, { lines }) => sum + lines.length, 0);
    const parsing = performance.now();
    for (const log of cut) parseAll(log);
    const parsed = performance.now() - parsing;
    if (round < 20) continue;
    // Nanoseconds a line.
    samples.floor.push((splitting / count) * 1e6);
    samples.measured.push((parsed / count) * 1e6);
  }
  return { unit: 'ns a line', against: 'splitting the same bytes into lines (strings)', ...samples };
}

function run(bench: Bench): Figure[] {
  const both = figureOf({
    ...measureLogs(bench, ['chia', 'madmax'], 1),
    name: 'parsing the k32 logs, both together',
    goal: { most: 4, at: ['p50'] },
    notes: ['0.25× the lines a second is 4× the time a line'],
  });
  const chia = figureOf({
    ...measureLogs(bench, ['chia'], 1),
    name: 'parsing the k32 log of chia',
    goal: null,
  });
  const madmax = figureOf({
    ...measureLogs(bench, ['madmax'], 40),
    name: 'parsing the k32 log of MadMax',
    goal: null,
    notes: ['3 KB, of which nearly every line means something'],
  });
  return [both, chia, madmax];
}

export const parse: Case = {
  name: 'parse',
  title: 'Parsing the k32 logs',
  run: async (bench) => run(bench),
};
