// Bundles the program into dist/: one entry, with chunks for what not every command needs.
//
// Each file is put in place whole, the entry last, and chunks (named by their content) of earlier builds stay: a
// daemon that runs from here, or a test beside this build, never meets half a program. `--clean` removes them.
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { plotterDefinitions } from './plotter-definitions.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const entry = join(dist, 'main.js');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

// The same program as a command named plot2mqtt, for the PATH of the commands that jobs run.
const COMMAND = `#!/bin/sh
exec "\${PLOT2MQTT_NODE:-node}" "$(dirname -- "$0")/../main.js" "$@"
`;

function put(file, contents, mode) {
  mkdirSync(dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, contents, { mode });
  renameSync(draft, file);
}

if (process.argv.includes('--clean')) rmSync(dist, { recursive: true, force: true });
const { outputFiles } = await build({
  absWorkingDir: root,
  entryPoints: ['src/main.ts'],
  outdir: dist,
  write: false,
  bundle: true,
  splitting: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  sourcemap: true,
  plugins: [plotterDefinitions],
  define: { 'process.env.PLOT2MQTT_VERSION': JSON.stringify(version) },
  // CommonJS packages inside an ES module bundle still call require() for Node's own modules.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module';const require = __createRequire(import.meta.url);",
  },
  logLevel: 'warning',
});
put(join(dist, 'bin/plot2mqtt'), COMMAND, 0o755);
for (const { path, contents } of outputFiles) if (path !== entry) put(path, contents, 0o644);
for (const { path, contents } of outputFiles) if (path === entry) put(path, contents, 0o755);
