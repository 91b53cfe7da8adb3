// Collects what a real plotter says when it refuses to start: src/simulator/runs/failures.json.
//
//   node scripts/record-failures.mjs KEY=FILE.jsonl …
//
// KEY is a name of the simulator's own; of a log with both streams only stderr is kept (the rest belongs to the run).
import { readFileSync, writeFileSync } from 'node:fs';

const failures = {};
for (const argument of process.argv.slice(2)) {
  const [key, file] = argument.split('=');
  const rows = readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((row) => JSON.parse(row));
  const errors = rows.filter(({ stream }) => stream === 'stderr');
  const said = (errors.length > 0 ? errors : rows).map(({ line }) => line);
  // The plotter's own log lines come before a traceback, on the same stream.
  const traceback = said.indexOf('Traceback (most recent call last):');
  failures[key] = said.slice(Math.max(0, traceback));
}
writeFileSync(
  new URL('../src/simulator/runs/failures.json', import.meta.url),
  `${JSON.stringify(failures, null, 1)}\n`,
);
