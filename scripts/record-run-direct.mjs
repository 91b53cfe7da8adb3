// What record-run.mjs knows of plotters that write their plots straight into the destination: BladeBit, and those of the
// new format. See record-run-rules.mjs.

/** No line: such a section isn't there. */
const NEVER = /(?!)/;

/** Replaces what a table of [pattern, replacement] names. */
const masks = (table) => (line) => ({
  text: table.reduce((text, [from, to]) => text.replace(from, to), line),
});

const maskBladebit = masks([
  [/\S*plot-k\d+-(?:c\d+-)?\d{4}(?:-\d\d){4}-[0-9a-f]{64}/g, '{file}'],
  [/(Will create|Creating) \d+ plots/, '$1 {n} plots'],
  [/^Generating plot \d+ \/ \d+: .*/, 'Generating plot {i} / {n}: {id}'],
  [/^( Thread count +:) .*/, '$1 {threads}'],
  [/^( Output path +:) .*/, '$1 {final}'],
  [/^( Farmer public key +:) .*/, '$1 {farmer}'],
  [/^ Pool (contract address|public key) +:.*/, ' {pool}'],
  [/^( Compression Level +:) .*/, '$1 {level}'],
  [/^( Temp1 path +:) .*/, '$1 {tmp}'],
  [/^( Temp2 path +:) .*/, '$1 {tmp2}'],
]);

/** Totals: the steps before them have their times already. */
const TOTAL = /^(Finished (forward propagating|Phase|plotting)|Completed (Phase|Plot|table|F7))/;
/** The plot's own line: it comes when the writing is done, of which the line behind it tells. */
const WHOLE = /(\.tmp -> |finished writing to disk:)/;
const WRITTEN = /^(Finished writing tables to disk|Completed pending writes|Completed writing plot) in/;

/** Times of a BladeBit log from its durations, each of which stands at the end of a step. */
function timeBladebit(lines) {
  let t = 0;
  let step = 0;
  for (const [at, entry] of lines.entries()) {
    const seconds = Number(/(?:in|waited) ([\d.]+) seconds/.exec(entry.line)?.[1] ?? 0);
    if (WHOLE.test(entry.line)) {
      const written = lines.slice(at).find(({ line }) => WRITTEN.test(line));
      t += Number(/in ([\d.]+) seconds/.exec(written?.line ?? '')?.[1] ?? 0);
    } else if (/^(Finished (Phase|plotting)|Completed (Phase|Plot))/.test(entry.line)) {
      step = t;
    } else if (TOTAL.test(entry.line)) {
      t = step = Math.max(t, step + seconds);
    } else if (!WRITTEN.test(entry.line)) {
      t += seconds;
      if (!entry.line.startsWith(' ')) step = t;
    }
    entry.t = t;
  }
  return lines;
}

/** The stage that a line's step begins; BladeBit names most steps when they have ended. */
function stageBladebit(line) {
  const [, forward] =
    /^(?:Finished forward propagating table|Completed table|Table) (\d)(?: completed)? in .*(?<!%\s*\)\.)$/.exec(
      line,
    ) ?? [];
  const [, back] =
    /^ *(?:Finished prunning table|Finished marking table|Marked Table) (\d) in/.exec(line) ?? [];
  const [, compress] = /^ *(?:Finished compressing tables|Completed table(?=.*%)) (\d)/.exec(line) ?? [];
  if (/^Running Phase 1|^Generating F1$/.test(line)) return '1.1';
  if (/^Finished F1 sort|^Finished f1 generation|^Finished F1 in/.test(line)) return '1.2';
  if (compress) return Number(compress) < 6 ? `3.${Number(compress) + 1}` : '4';
  if (forward && Number(forward) < 7) return `1.${Number(forward) + 1}`;
  if (/^(Finished|Completed) Phase 1/.test(line)) return '2.1';
  if (back && Number(back) > 2) return `2.${9 - Number(back)}`;
  if (/^(Finished|Completed) Phase 2/.test(line)) return '3.1';
  return /^(Writing final plot tables|Waiting for plot file|Completed Plot 1)/.test(line) ? '5' : undefined;
}

const bladebit = (move) => ({
  begins: { header: /^(Creating \d+ plots|Bladebit Chia Plotter)/, plot: /^Generating plot 1 /, move },
  nextPlot: /^Generating plot [2-9] /,
  copied: NEVER,
  stream: () => 'stdout',
  time: timeBladebit,
  stage: stageBladebit,
  mask: maskBladebit,
});

const BAR = /^\[[= ]*\] +\d+% /;

/** A line of the bar was there when the one before it ended: it begins with a carriage return. */
function bars(lines) {
  return lines
    .map((entry, at) =>
      BAR.test(entry.line) ? { ...entry, t: lines[at - 1].t, line: `\r${entry.line}` } : entry,
    )
    .filter(({ line }) => line !== '');
}

function stagePos2(line) {
  const [, table] = /% (?:matching|postsort) T([123]) /.exec(line) ?? [];
  if (line.startsWith('Using AES')) return '1';
  if (table) return String(Number(table) + 1);
  if (/% (?:plot|done) /.test(line)) return '5';
  return line.startsWith('Writing plot') ? '6' : undefined;
}

const maskPos2 = masks([
  [/plot_\d+_\d+_\d+_\d+_[0-9a-f]{64}\.bin/g, '{file}'],
  [/\(\d+ bytes\)/, '({size} bytes)'],
]);

const maskCreate2 = masks([
  [/^\d{4}-\d\d-\d\dT[\d:.]+/, '{iso}'],
  [
    /Creating \d+ v2 plots of size \d+, strength: \d+, .*(?=.\[0m)/,
    'Creating {n} v2 plots of size {k}, strength: {strength}, {pool} farmer public key: {farmer}',
  ],
  [/Starting plot \d+\/\d+/, 'Starting plot {i}/{n}'],
  [/Created a total of \d+/, 'Created a total of {n}'],
  [/plot-k\d+-[0-9a-f]{64}\.plot2/, '{file}'],
]);

export const directRules = {
  'bladebit-ram': bladebit(/^Writing final plot tables/),
  'bladebit-disk': bladebit(/^Waiting for plot file/),
  'bladebit-cuda': bladebit(/^Completed Plot 1 /),
  pos2: {
    begins: { header: NEVER, plot: /^Using AES/, move: /^Writing plot to/ },
    nextPlot: NEVER,
    copied: NEVER,
    prepare: bars,
    stage: stagePos2,
    mask: maskPos2,
    k: (log) => /plot_(\d+)_/.exec(log)[1],
  },
  'chia-v2': {
    // The last line of the plot is the first that comes when it is made.
    begins: {
      header: /Creating \d+ v2 plots/,
      plot: /Starting plot 1\//,
      move: /Created a total of/,
      footer: /plot-k.*\.plot2/,
    },
    nextPlot: /Starting plot [2-9]\//,
    copied: NEVER,
    stage: (line) => (/Starting plot/.test(line) ? '1' : undefined),
    mask: maskCreate2,
    k: (log) => /of size (\d+)/.exec(log)[1],
  },
};
