// What record-run.mjs knows of each plotter's log: its sections, its stages, the values that differ from run to run,
// and how to find the second of each line in a log that has none. Plotters that write into their destination themselves:
// record-run-direct.mjs.
import { directRules } from './record-run-direct.mjs';

const NAME = /plot-(?:mmx-)?k\d+-(?:c\d+-)?\d{4}-\d\d-\d\d-\d\d-\d\d-[0-9a-f]{64}/g;
const CTIME = /[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}$/;
const ISO = /^\d{4}-\d\d-\d\dT[\d:.]+/;

/** Replaces what a table of [pattern, replacement] names. */
const masks = (table) => (line) => table.reduce((text, [from, to]) => text.replace(from, to), line);

const maskChia = masks([
  [NAME, '{name}'],
  [CTIME, '{ctime}'],
  [ISO, '{iso}'],
  [
    /Creating \d+ plots of size \d+, .*(?=.\[0m)/,
    'Creating {n} plots of size {k}, {pool} farmer public key: {farmer}',
  ],
  [/Memo: [0-9a-f]+/, 'Memo: {memo}'],
  [/NOT adding directory .*(?= to harvester)/, 'NOT adding directory {final}'],
  [/Starting plot \d+\/\d+/, 'Starting plot {i}/{n}'],
  [/Created a total of \d+/, 'Created a total of {n}'],
  [/temporary dirs: .* and .*/, 'temporary dirs: {tmp} and {tmp2}'],
  [/^ID: .*/, 'ID: {id}'],
  [/^Plot size is: .*/, 'Plot size is: {k}'],
  [/^Buffer size is: .*/, 'Buffer size is: {buffer}MiB'],
  [/^Using \d+ buckets/, 'Using {buckets} buckets'],
  [/^Final Directory is: .*/, 'Final Directory is: {final}'],
  [/^Using \d+ threads/, 'Using {threads} threads'],
  [/^Process ID is: .*/, 'Process ID is: {pid}'],
  [/^Final File size: .*/, 'Final File size: {gib} GiB'],
  [/(into|temp2 file) ".*\/\{name\}/, '$1 "{tmp2}/{name}'],
  [
    /^Copied final file from ".*\/(.*?)" to ".*\/(.*?)"/,
    'Copied final file from "{tmp2}/$1" to "{final}/$2"',
  ],
  // After a copy the file is renamed inside the destination, otherwise from the temporary directory.
  [
    /^Renamed final file from "(.*)\/([^/]*)" to "\1\/([^/]*)"/,
    'Renamed final file from "{final}/$2" to "{final}/$3"',
  ],
  [
    /^Renamed final file from "[^{].*\/([^/]*)" to ".*\/([^/]*)"/,
    'Renamed final file from "{tmp2}/$1" to "{final}/$2"',
  ],
]);

const maskMadmax = masks([
  [NAME, '{name}'],
  [/^(Network Port:) .*/, '$1 {port}'],
  [/^(Final Directory:) .*/, '$1 {final}'],
  [/^(Stage Directory:) .*/, '$1 {stage}'],
  [/^(Number of Plots:) .*/, '$1 {plots}'],
  [/^Crafting plot \d+ out of -?\d+/, 'Crafting plot {i} out of {n}'],
  [/\(\d{4}\/\d\d\/\d\d [\d:]+\)$/, '({date})'],
  [/^(Process ID:) .*/, '$1 {pid}'],
  [/^(Number of Threads:) .*/, '$1 {threads}'],
  [/^(Number of Buckets P1: +).*/, '$12^{log_buckets} ({buckets})'],
  [/^(Number of Buckets P3\+P4:) .*/, '$1 2^{log_buckets3} ({buckets3})'],
  [/^Pool (Public Key|Puzzle Hash): .*/, '{pool}'],
  [/^(Farmer Public Key:) .*/, '$1 {farmer}'],
  [/^(Working Directory: +).*/, '$1{tmp}'],
  [/^(Working Directory 2:) .*/, '$1 {tmp2}'],
  [/(Started copy to|Renamed final plot to|Copy to) \S*\//, '$1 {final}'],
  [/(final plot size is) \d+ bytes/, '$1 {size} bytes'],
  [/^(Compression Level: +).*/, '$1{level}'],
  [/^(Final Destination:) .*/, '$1 {final}'],
]);

/** Seconds of a date in a chia line, or undefined. */
function dated(line) {
  const date = ISO.exec(line)?.[0] ?? CTIME.exec(line)?.[0];
  return date === undefined ? undefined : Date.parse(ISO.test(line) ? `${date}Z` : `${date} UTC`) / 1000;
}

/** Lines without a date that are written just before the next dated one; all others follow the one before. */
const BEFORE_NEXT = /^(scanned table|Copied|Removed|Renamed|\tTotal matches|\tFinished)/;

/** Times of a chia log from its dates: bucket lines are spread evenly between the dated lines around them. */
function timeChia(lines) {
  const anchors = lines.flatMap(({ line }, at) =>
    dated(line) === undefined ? [] : [{ at, t: dated(line) }],
  );
  const begin = anchors[0].t;
  lines[0].t = 0;
  for (const [number, { at, t }] of anchors.entries()) {
    lines[at].t = t - begin;
    const next = anchors[number + 1];
    if (next === undefined) break;
    const between = lines.slice(at + 1, next.at);
    const buckets = between.filter(({ line }) => line.startsWith('\tBucket'));
    const scan = /^scanned time = +([\d.]+)/.exec(lines[next.at].line)?.[1];
    let done = 0;
    let reached = t - begin;
    for (const entry of between) {
      if (buckets.includes(entry)) done += 1;
      if (buckets.length > 0) entry.t = t - begin + ((next.t - t) * done) / (buckets.length + 1);
      else if (scan && entry.line.startsWith('Backpropagating')) entry.t = next.t - begin - Number(scan);
      else entry.t = BEFORE_NEXT.test(entry.line) ? next.t - begin : t - begin;
      reached = entry.t = Math.max(reached, entry.t);
    }
  }
  return lines;
}

/** Times of a MadMax log from its durations, each of which stands at the end of a step. */
function timeMadmax(lines) {
  let t = 0;
  let phase = 0;
  for (const [at, entry] of lines.entries()) {
    const step = /^\[.*\] Table \d .*took ([\d.]+) sec/.exec(entry.line);
    const total = /^Phase \d took ([\d.]+) sec/.exec(entry.line);
    if (step) t += Number(step[1]);
    if (total) t = phase = Math.max(t, phase + Number(total[1]));
    entry.t = t;
    if (entry.line.startsWith('[P4] Starting')) {
      const ends = lines
        .slice(at)
        .map(({ line }) => /^Phase 4 took ([\d.]+) sec/.exec(line)?.[1])
        .find(Boolean);
      t += Number(ends);
    }
  }
  return lines;
}

/** The same of Gigahorse on graphics cards, whose plots are flushed and copied in times of their own. */
function timeGigahorse(lines) {
  let later = 0;
  for (const entry of timeMadmax(lines)) {
    const taken = /^(?:Flushing to disk|Copy to .+ finished,) took ([\d.]+) sec/.exec(entry.line)?.[1];
    later += Number(taken ?? 0);
    entry.t += later;
  }
  return lines;
}

/** The stage that a line's step begins; MadMax names a step when it has ended. */
function stageMadmax(line) {
  const done = /^\[(P1|P2|P3-1|P3-2|P3)\] Table (\d)( scan| PDSK| LPSK)? /.exec(line);
  const table = Number(done?.[2]);
  if (line.startsWith('Plot Name:')) return '1.1';
  if (done?.[1] === 'P1') return table < 7 ? `1.${table + 1}` : undefined;
  if (line.startsWith('Phase 1 took')) return '2.1';
  if (done?.[1] === 'P2') return done[3] || table === 2 ? undefined : `2.${9 - table}`;
  if (line.startsWith('Phase 2 took')) return '3.1';
  if (done?.[1] === 'P3-2' || (done?.[1] === 'P3' && !done[3])) return table < 7 ? `3.${table}` : undefined;
  if (line.startsWith('Phase 3 took')) return '4';
  return line.startsWith('Started copy') ? '5' : undefined;
}

function stageChia(line) {
  const [, forward] = /^Computing table (\d)/.exec(line) ?? [];
  const [, back] = /^Backpropagating on table (\d)/.exec(line) ?? [];
  const [, compress] = /^Compressing tables (\d)/.exec(line) ?? [];
  if (forward) return `1.${forward}`;
  if (back) return `2.${8 - Number(back)}`;
  if (compress) return `3.${compress}`;
  if (line.startsWith('Starting phase 4')) return '4';
  return line.startsWith('Total time') ? '5' : undefined;
}

const madmax = {
  begins: {
    header: /^Multi-threaded/,
    plot: /^Crafting plot 1 /,
    move: /^Started copy/,
  },
  nextPlot: /^Crafting plot [2-9]/,
  copied: /^Copy to/,
  stream: () => 'stdout',
  time: timeMadmax,
  stage: stageMadmax,
  mask(line, scale, bytes) {
    const text = maskMadmax(line).replace(/took ([\d.]+) sec, ([\d.]+) MB\/s/, (all, seconds) => {
      const taken = seconds * scale;
      const rate = bytes / taken / 1024 ** 2;
      return scale === 1 ? all : `took ${taken.toPrecision(6)} sec, ${rate.toPrecision(6)} MB/s`;
    });
    return { text };
  },
};

export const rules = {
  chia: {
    begins: {
      header: /Creating \d+ plots/,
      plot: /Starting plot 1\//,
      move: /^(Copied|Renamed) final file/,
      footer: /Summary:/,
    },
    nextPlot: /Starting plot [2-9]\//,
    copied: /^Copied/,
    stream: (line) => (ISO.test(line) ? 'stderr' : 'stdout'),
    time: timeChia,
    stage: stageChia,
    mask(line, scale) {
      const text = maskChia(line).replace(/(?<=^Copy time = )[\d.]+/, (seconds) =>
        (seconds * scale).toFixed(3),
      );
      const bucket = /^\tBucket (\d+)/.exec(text)?.[1];
      return bucket === undefined ? { text } : { text: text.replace(/\d+/, '{b}'), bucket };
    },
  },
  madmax,
  gigahorse: madmax,
  'gigahorse-cuda': {
    ...madmax,
    begins: {
      header: /^Chia k\d+ next-gen/,
      plot: /^Crafting plot 1 /,
      move: /^(Flushing to disk|Started copy)/,
    },
    time: timeGigahorse,
  },
  ...directRules,
};
