// What no definition says of the built-in plotters: which of them somebody has seen running, and what they want.

/** `seen`: versions, and where their lines come from; `needs`: at least; `several`: what several plots in a run gain. */
export const NOTES = {
  chia: {
    short: 'k18 to k25 of chia 2.7.5 and of its engine chiapos 2.0.12 here; k32 of July 2021',
    seen: `Seen running here: \`chia plots create\` of chia 2.7.5 (k25) and its engine chiapos 2.0.12 (k18 to k24), with and
without bitfield, with one and several plots, and failing in every way that could be brought about. The k32 log is of July 2021, with
the colours of that time. \`chia plotters chiapos\` has the same lines from the engine, with \`command: chia plotters chiapos\`, its
flags \`--count\`, \`--tmp_dir\` and the like are other ones, so it wants a definition of its own. A full disk: it says so, and
tries again every five minutes, for ever.`,
    needs:
      'about 4 GiB of memory for each plot at k32 (`memory_mib`), 239 GiB of temporary room, a keychain or the keys',
    several: 'nothing: every plot begins at once',
  },
  madmax: {
    short: 'k18 to k24 of 5b5bd68 here; k32 of July 2021',
    seen: `Seen running here: \`chia_plot\` 5b5bd68 (k18 to k24), with and without a stage directory, with copies that overlap
the next plot, and failing in every way that could be brought about. The k32 log is of July 2021 (974d6e5). Larger plots: \`command: …/chia_plot_k34\`.
Chives and MMX: \`extra: ["-x", "9699"]\` or \`["-x", "11337"]\`, whose plots are called \`plot-mmx-k32-…\`; their addresses
(\`xcc1…\`, \`mmx1…\`) are taken as \`pool_contract\`. A full destination: it says so, and tries again every five minutes, for ever; a
full temporary directory ends it.`,
    needs:
      'about 0.5 GB of memory for each thread, 256 GiB of temporary room at k32, and open files as its buckets say',
    several: 'next to nothing: it saves the copy of a plot, which runs beside the next one',
  },
  'bladebit-ram': {
    short: 'a k32 log of August 2021; refusing here (3.1.1)',
    seen: `The lines are those of a whole k32 log of August 2021, and of the source of 3.1.1, which was built here but has too
little memory to plot. A full destination: it says so, and tries again every ten seconds, for ever.`,
    needs: '416 GiB of memory, no temporary directory; k32 alone',
    several:
      'much: 416 GiB are not taken and given back for every plot, and a plot is written while the next one is made',
  },
  'bladebit-disk': {
    short: 'up to table 2 at k32 here (3.1.1); the rest from its source',
    seen: `Seen running here: 3.1.1 up to the second table of a k32 plot, and failing (no key, no such directory, a full disk).
The lines of the rest are those of its source: nobody has a log of a whole plot. It makes no compressed plots.`,
    needs: '4 to 12 GiB of memory, the more the fewer buckets; 480 GiB of temporary room; k32 alone',
    several: 'little',
  },
  'bladebit-cuda': {
    short: 'not here: from its source (3.1.1) and from logs that others have shown',
    seen: `Nobody could run it here, for want of a graphics card: the lines are those of its source (3.1.1), and of logs
that others have shown. It calls every plot of a run \`Completed Plot 1\`. What \`disk_128\` and \`disk_16\` take of temporary
directories isn't known, and isn't checked. A full destination: it says so, and tries again every ten seconds, for ever.`,
    needs:
      '256 GiB of memory and a card of Nvidia with 8 GB (128 GiB with `disk_128`, 16 GiB with `disk_16`, both for compressed plots only); k32 alone',
    several: 'much: 249 s for one plot, 395 s for two, 516 s for three were told of',
  },
  gigahorse: {
    short: 'k20 and k22 of 2.0.0-ce733e8 here',
    seen: `Seen running here: \`chia_plot\` 2.0.0-ce733e8 with levels 1, 3 and 5 at k20 and k22. What it says of a copy that fails
is known of another host only. \`dest_dir: "@host"\` sends plots to \`chia_plot_sink\` there: no room is looked at, and a plot
counts when the log says that it has arrived.`,
    needs: 'as madmax',
    several: 'next to nothing',
  },
  'gigahorse-cuda': {
    short: 'not here: from its help text and from logs that others have shown',
    seen: `Nobody could run it here, for want of a graphics card: its flags are those of its README, its lines those of logs that
others have shown and of the source of its open sibling for MMX. The size of plots is in the program's name: say \`command: cuda_plot_k33\` and \`k: 33\` together, where \`k\` is
for the room alone. One of several \`dest_dir\` is chosen for each run. Its plots are flushed and copied while the next one is
made.`,
    needs:
      '256 GiB of memory and a card of Nvidia with 8 GB at k32 (128 GiB with `partial_ram_dir`, 8 GiB with `disk_mode_dir`)',
    several: 'much: its README says that the first plot is slow, and recommends never to stop',
  },
  pos2: {
    short: 'k18 to k24 of 0.6.0 here',
    seen: `Seen running here: 0.6.0 at k18 to k24, and k28 once. It is a test tool: **nobody can farm its plots**, since
it takes no keys, and moves leave them where they are. It ends with 0 whatever happens: only its lines tell. What it has written of a plot that fails keeps
its final name. It writes into the directory in which it is started, so a command of your own begins with
\`cd "$PLOT2MQTT_DEST_DIR" &&\`.`,
    needs: '12.7 GB of memory at k28',
    several: 'it makes one',
  },
  'chia-v2': {
    short: 'its engine here (chia_rs 0.48.0, k18 to k24); the command is not out',
    seen: `The command is an open pull request of chia-blockchain (21430, September 2026): its options are as they are there. Its
engine was seen running here (chia_rs 0.48.0, k18 to k24, small plots for tests), behind a command line of the same kind: it
says nothing at all while it plots, so that the time left is learnt from earlier plots. Files are to become groups of plots (\`.gplot\`),
which no program that is out makes; a name with that suffix is understood. Before the fork, plots of the new format
earn nothing.`,
    needs: 'about 13 GB of memory',
    several: 'it makes one at a time: of several it names the files only when all are made',
  },
};
