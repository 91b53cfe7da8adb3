// Turns the log of a real plotter into a run that `plot2mqtt simulate` replays (src/simulator/runs/NAME.json).
//
//   node scripts/record-run.mjs PLOTTER NAME LOG [OTHER-LOG]
//
// LOG is a .jsonl file, a line per line of the log: {"t": seconds, "stream": "stdout"|"stderr", "line": text}, or
// plain text, whose times are worked out from the durations and dates in it. OTHER-LOG is a run that moved its plot
// the other way (copied instead of renamed, or the reverse): its last section is taken too, its times scaled.
import { readFileSync, writeFileSync } from 'node:fs';
import { rules } from './record-run-rules.mjs';

const [plotter, name, from, other] = process.argv.slice(2);
const rule = rules[plotter];
if (!rule || !name || !from) {
  console.error('usage: node scripts/record-run.mjs PLOTTER NAME LOG [OTHER-LOG]');
  process.exit(2);
}

/** The lines of a log with the second of each and its stream. */
function read(file) {
  const text = readFileSync(file, 'utf8');
  if (!file.endsWith('.jsonl')) {
    return rule.time(
      text
        .trimEnd()
        .split('\n')
        .map((line) => ({ line, stream: rule.stream(line) })),
    );
  }
  const lines = text
    .trimEnd()
    .split('\n')
    .map((row) => JSON.parse(row));
  const said = lines.filter(({ stream }) => stream !== 'event');
  return rule.prepare?.(said) ?? said;
}

/** Splits a log into its sections: the first plot's, where there are several. */
function split(lines) {
  const sections = { banner: [], header: [], plot: [], move: [], footer: [] };
  const order = Object.keys(sections);
  let at = 0;
  let skipping = false;
  for (const entry of lines) {
    for (let later = at + 1; later < order.length; later += 1) {
      if (rule.begins[order[later]]?.test(entry.line)) {
        at = later;
        skipping = false;
      }
    }
    if (rule.nextPlot.test(entry.line)) skipping = at >= order.indexOf('move');
    if (!skipping) sections[order[at]].push(entry);
  }
  return sections;
}

const texts = [];
const stderr = new Set();

/** Encodes a section: a line per line, `milliseconds-since-the-line-before text-number [bucket]`, or `@stage`. */
function encode(entries, start, scale = 1) {
  let before = start;
  let stage = '';
  const rows = [];
  for (const { t, stream, line } of entries) {
    const { text, bucket } = rule.mask(line, scale, plotBytes);
    let number = texts.indexOf(text);
    if (number < 0) number = texts.push(text) - 1;
    if (stream === 'stderr') stderr.add(number);
    const now = start + (t - start) * scale;
    const pause = Math.max(0, Math.round((now - before) * 1000));
    before += pause / 1000; // the rounded times, so that the errors don't add up
    rows.push(bucket === undefined ? `${pause} ${number}` : `${pause} ${number} ${bucket}`);
    const entered = rule.stage(line);
    if (entered && entered !== stage) rows.push(`@${entered}`);
    stage = entered ?? stage;
  }
  return rows.join('\n');
}

const end = (entries, otherwise) => entries.at(-1)?.t ?? otherwise;
const lines = read(from);
const joined = lines.map(({ line }) => line).join('\n');
const plotBytes = Number(/final plot size is (\d+)/.exec(joined)?.[1]);
const sections = split(lines);
const first = lines[0].t;
const planned = { banner: encode(sections.banner, first), header: encode(sections.header, first) };
const begin = end(sections.header, first);
const finish = end(sections.plot, begin);
planned.plot = encode(sections.plot, begin);
const isCopy = (entries) => entries.some(({ line }) => rule.copied.test(line));
const moves = { rename: '', copy: '' };
if (other) {
  const second = split(read(other));
  const scale = (finish - begin) / (end(second.plot, 0) - end(second.header, 0));
  moves[isCopy(second.move) ? 'copy' : 'rename'] = encode(second.move, end(second.plot, 0), scale);
}
moves[isCopy(sections.move) ? 'copy' : 'rename'] = encode(sections.move, finish);
planned.footer = encode(sections.footer, sections.footer[0]?.t ?? 0);

const run = {
  plotter,
  k: Number(rule.k?.(joined) ?? /plot-(?:mmx-)?k(\d+)-/.exec(joined)[1]),
  // Where no line counts buckets, it makes no difference how many there are.
  buckets: Number(/Using (\d+) buckets|P1: +2\^\d+ \((\d+)\)/.exec(joined)?.slice(1).find(Boolean) ?? 1),
  moves: isCopy(sections.move) ? 'copy' : 'rename',
  seconds: Math.round((finish - begin) * 1000) / 1000,
  texts,
  stderr: [...stderr],
  sections: { ...planned, ...moves },
};
const target = new URL(`../src/simulator/runs/${name}.json`, import.meta.url);
writeFileSync(target, `${JSON.stringify(run, null, 1)}\n`);
console.log(`${name}: ${lines.length} lines, ${run.seconds} s, ${texts.length} different texts`);
