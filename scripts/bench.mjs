// Builds the program and the benchmark, and runs it: npm run bench -- --help
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { plotterDefinitions } from './plotter-definitions.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const words = process.argv.slice(2);
const run = (...args) =>
  spawnSync(process.execPath, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, BENCH_ROOT: root },
  });

if (!words.includes('--program') && run('scripts/build.mjs').status !== 0) process.exit(1);
const folder = join(root, 'node_modules/.cache/plot2mqtt-bench');
mkdirSync(folder, { recursive: true });
const outfile = join(folder, `bench-${process.pid}.mjs`);
await build({
  absWorkingDir: root,
  entryPoints: ['test/bench/main.ts'],
  outfile,
  bundle: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
  target: 'node20',
  plugins: [plotterDefinitions],
  logLevel: 'warning',
});
process.exit(run(outfile, ...words).status ?? 1);
