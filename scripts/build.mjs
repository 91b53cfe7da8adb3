// Bundles the program into dist/: a small entry, and a script with all else, whose compiled code is kept beside it.
//
// Each file is put in place whole, the entry last, and scripts (named by their content) of earlier builds stay: a
// daemon that runs from here, or a test beside this build, never meets half a program. `--clean` removes them.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { plotterDefinitions } from './plotter-definitions.mjs';
import { sourceMapOfOurs } from './source-map-of-ours.mjs';
import { thirdPartyLicences } from './third-party-licences.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

// The same program as a command named plot2mqtt, for the PATH of the commands that jobs run.
const COMMAND = `#!/bin/sh
exec "\${PLOT2MQTT_NODE:-node}" "$(dirname -- "$0")/../main.js" "$@"
`;

/** @type {import('esbuild').BuildOptions} */
const options = {
  absWorkingDir: root,
  outdir: dist,
  write: false,
  metafile: true,
  bundle: true,
  platform: 'node',
  target: 'node20',
  minifyWhitespace: true,
  // Stack traces name files and lines of src/; the sources themselves aren't needed for that.
  sourcemap: true,
  sourcesContent: false,
  alias: { debug: join(root, 'scripts/no-debug.cjs') },
  plugins: [plotterDefinitions],
  logLevel: 'warning',
};

// A script that gives a function: only scripts can be compiled with a code cache (src/util/script.ts).
const program = await build({
  ...options,
  entryPoints: ['src/program.ts'],
  entryNames: '[name]-[hash]',
  outExtension: { '.js': '.cjs' },
  format: 'cjs',
  // import() in a script would need a loader of its own.
  supported: { 'dynamic-import': false },
  define: { 'process.env.PLOT2MQTT_VERSION': JSON.stringify(version), 'import.meta.url': '__url' },
  banner: { js: "(function (require, __url) { 'use strict'; const module = {};" },
  footer: { js: 'return module.exports; })' },
});
const { path: script, text } = program.outputFiles.find(({ path }) => path.endsWith('.cjs'));
// It is read as Latin-1 (src/util/script.ts); of some places esbuild leaves other letters as they are.
if (/[^\0-\x7f]/.test(text)) throw new Error('the script holds letters that are not ASCII');

const main = await build({
  ...options,
  entryPoints: ['src/main.ts'],
  format: 'esm',
  define: {
    'process.env.PLOT2MQTT_VERSION': JSON.stringify(version),
    'process.env.PLOT2MQTT_PROGRAM': JSON.stringify(`./${basename(script)}`),
  },
});

const written = new Set();
put(join(dist, 'bin/plot2mqtt'), COMMAND, 0o755);
put(join(dist, 'LICENSES.txt'), thirdPartyLicences(program.metafile, root), 0o644);
for (const { path, text } of program.outputFiles)
  put(path, path.endsWith('.map') ? sourceMapOfOurs(text) : text, 0o644);
await keepCompiledCode(script);
for (const { path, contents } of main.outputFiles.sort((a, b) => b.path.length - a.path.length))
  put(path, contents, path.endsWith('.js') ? 0o755 : 0o644);
if (process.argv.includes('--clean')) removeOthers(dist);

function put(file, contents, mode) {
  mkdirSync(dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, contents, { mode });
  renameSync(draft, file);
  written.add(file);
}

/**
 * Lets the program run a moment, so that it next starts with the code that it needed. Where that can't be done (no
 * network, not even of this machine's own), it only starts slower.
 */
async function keepCompiledCode(script) {
  const folder = join(root, 'node_modules/.cache/plot2mqtt-build');
  const outfile = join(folder, `code-cache-${process.pid}.mjs`);
  await build({
    ...options,
    entryPoints: ['scripts/code-cache.ts'],
    outfile,
    outdir: undefined,
    write: true,
    format: 'esm',
  });
  const { status, stdout, stderr } = spawnSync(process.execPath, [outfile, pathToFileURL(script).href], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  rmSync(outfile);
  if (status === 0) written.add(stdout.trim().split('\n').at(-1));
  else console.warn(`The program will start slower, since its code can't be compiled ahead:\n${stderr}`);
}

function removeOthers(folder) {
  for (const found of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, found.name);
    if (found.isDirectory()) removeOthers(path);
    else if (!written.has(path)) rmSync(path, { force: true });
  }
}
