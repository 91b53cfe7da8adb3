import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A plotter of real processes: a shell script, its children, files, and a log that it writes line by line. */
const SCRIPT = `while [ $# -gt 0 ]; do
  case $1 in
    -t) temp=$2; shift 2;;
    -d) dest=$2; shift 2;;
    -s) pause=$2; shift 2;;
    -x) every=$2; shift 2;;
    *) echo "unknown word $1" >&2; exit 64;;
  esac
done
name=plot-k18-$(date +%Y-%m-%d-%H-%M)-$PLOT2MQTT_WORKER
echo "plot $name"
for stage in 1 2 3; do
  echo "stage $stage"
  echo data >>"$temp/$name.$stage.tmp" || exit 1
  sleep "$pause"
  echo "50%"
  sleep "$pause"
done
if [ "$every" -gt 0 ] && [ $(($(date +%N | sed 's/^0*//; s/^$/0/') / 1000 % every)) -eq 0 ]; then
  echo "error: made to fail"
  exit 3
fi
# Stopped from here on it would leave a plot that does not count, since it did not end well.
trap '' TERM
echo plot >"$dest/$name.plot.tmp" || exit 1
mv "$dest/$name.plot.tmp" "$dest/$name.plot" || exit 1
echo "final $dest/$name.plot"
`;

const DIRECTORY = { type: 'directory', required: true };

/** Writes the script, and gives the plotter's definition for config.yaml. */
export function shellPlotter(folder: string, script: string = SCRIPT) {
  const file = join(folder, 'plotter.sh');
  writeFileSync(file, script);
  return {
    title: 'Shell plotter',
    command: `sh ${file}`,
    arguments: {
      temp_dir: { ...DIRECTORY, flag: '-t', role: 'temp' },
      dest_dir: { ...DIRECTORY, flag: '-d', role: 'destination' },
      pause: { type: 'string', flag: '-s', default: '0.05' },
      fail_every: { type: 'integer', flag: '-x', default: 0 },
    },
    stages: [
      { id: '1', title: 'First', weight: 1 },
      { id: '2', title: 'Second', weight: 1 },
      { id: '3', title: 'Third', weight: 1 },
    ],
    patterns: [
      { match: '^plot (?<name>\\S+)$', plot_name: true },
      { match: '^stage (?<stage>\\d)$', enter: '{stage}' },
      { match: '^(?<percent>\\d+)%$', inside: {} },
      { match: '^final (?<file>.+)$', final_file: true },
      { match: '^error: (?<error>.+)$', error: {} },
    ],
  };
}
