// Bundles the program into dist/: one entry, with chunks for what not every command needs.
//
// Each file is put in place whole, the entry last, and chunks (named by their content) of earlier builds stay: a
// daemon that runs from here, or a test beside this build, never meets half a program. `--clean` removes them.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { plotterDefinitions } from './plotter-definitions.mjs';
import { thirdPartyLicences } from './third-party-licences.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const entry = join(dist, 'main.js');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

// The same program as a command named plot2mqtt, for the PATH of the commands that jobs run.
const COMMAND = `#!/bin/sh
exec "\${PLOT2MQTT_NODE:-node}" "$(dirname -- "$0")/../main.js" "$@"
`;

const written = new Set();
function put(file, contents, mode) {
  mkdirSync(dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, contents, { mode });
  renameSync(draft, file);
  written.add(file);
}

const { outputFiles, metafile } = await build({
  absWorkingDir: root,
  entryPoints: ['src/main.ts'],
  outdir: dist,
  write: false,
  metafile: true,
  bundle: true,
  splitting: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  // Stack traces name files and lines of src/ (15 ms more at the daemon's start); the sources themselves, half of
  // the package, aren't needed for that.
  sourcemap: true,
  sourcesContent: false,
  plugins: [plotterDefinitions],
  define: { 'process.env.PLOT2MQTT_VERSION': JSON.stringify(version) },
  // CommonJS packages inside an ES module bundle still call require() for Node's own modules.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module';const require = __createRequire(import.meta.url);",
  },
  logLevel: 'warning',
});
put(join(dist, 'bin/plot2mqtt'), COMMAND, 0o755);
put(join(dist, 'LICENSES.txt'), thirdPartyLicences(metafile, root), 0o644);
const foreign = foreignChunks(metafile);
for (const { path, contents } of outputFiles) {
  if (path === entry || foreign.has(path.replace(/\.map$/, ''))) continue;
  put(path, contents, 0o644);
}
for (const { path, text } of outputFiles)
  if (foreign.has(path)) put(path, text.replace(/\n\/\/# sourceMappingURL=.*\s*$/, '\n'), 0o644);
for (const { path, contents } of outputFiles) if (path === entry) put(path, contents, 0o755);
if (process.argv.includes('--clean')) removeOthers(dist);

/** Chunks of packages alone: a map of them would cost each start 15 ms, and says nothing about src/. */
function foreignChunks({ outputs }) {
  const isForeign = ({ inputs }) =>
    Object.keys(inputs).length > 0 && Object.keys(inputs).every((input) => input.includes('node_modules/'));
  return new Set(
    Object.entries(outputs).flatMap(([path, output]) => (isForeign(output) ? [join(root, path)] : [])),
  );
}

function removeOthers(folder) {
  for (const found of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, found.name);
    if (found.isDirectory()) removeOthers(path);
    else if (!written.has(path)) rmSync(path, { force: true });
  }
}
