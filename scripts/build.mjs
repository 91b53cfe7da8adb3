// Bundles the program into dist/: a small entry, and one file with all else. It is read whole at the start, so that a
// daemon that runs from here misses nothing when another build, or an upgrade, takes its place. Each file is put in
// place whole, the entry last. Beside them `plot2mqtt.js`, the card of Home Assistant. `--clean` removes what earlier builds have left.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { cssAsText } from './css-as-text.mjs';
import { plotterDefinitions } from './plotter-definitions.mjs';
import { oneLineTemplates } from './one-line-templates.mjs';
import { sourceMapOfOurs } from './source-map-of-ours.mjs';
import { thirdPartyLicences } from './third-party-licences.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const entry = join(dist, 'main.js');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

// The same program as a command named plot2mqtt, for the PATH of the commands that jobs run.
const COMMAND = `#!/bin/sh
exec "\${PLOT2MQTT_NODE:-node}" "$(dirname -- "$0")/../main.js" "$@"
`;

const { outputFiles, metafile } = await build({
  absWorkingDir: root,
  entryPoints: ['src/program.ts', 'src/main.ts'],
  outdir: dist,
  write: false,
  metafile: true,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  minifyWhitespace: true,
  // Stack traces name files and lines of src/; the sources themselves aren't needed for that.
  sourcemap: true,
  sourcesContent: false,
  alias: { debug: join(root, 'scripts/no-debug.cjs') },
  plugins: [plotterDefinitions],
  define: { 'process.env.PLOT2MQTT_VERSION': JSON.stringify(version) },
  // CommonJS packages inside an ES module still call require() for Node.js' own modules.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  logLevel: 'warning',
});

// What Home Assistant's frontend loads: named as HACS wants it, with the licences of what is in it at its end.
const card = await build({
  absWorkingDir: root,
  entryPoints: ['homeassistant/card/main.ts'],
  outfile: join(dist, 'plot2mqtt.js'),
  write: false,
  metafile: true,
  bundle: true,
  platform: 'browser',
  format: 'esm',
  target: 'es2022',
  minify: true,
  charset: 'utf8',
  plugins: [cssAsText],
  logLevel: 'warning',
});
const inputs = { ...metafile.inputs, ...card.metafile.inputs };

const written = new Set();
put(join(dist, 'bin/plot2mqtt'), COMMAND, 0o755);
put(join(dist, 'LICENSES.txt'), thirdPartyLicences({ inputs }, root), 0o644);
for (const { path, text } of outputFiles)
  put(path, path.endsWith('.map') ? sourceMapOfOurs(text) : text, path === entry ? 0o755 : 0o644);
for (const { path, text } of card.outputFiles) put(path, oneLineTemplates(text), 0o644);
if (process.argv.includes('--clean')) removeOthers(dist);

function put(file, contents, mode) {
  mkdirSync(dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, contents, { mode });
  renameSync(draft, file);
  written.add(file);
}

function removeOthers(folder) {
  for (const found of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, found.name);
    if (found.isDirectory()) removeOthers(path);
    else if (!written.has(path)) rmSync(path, { force: true });
  }
}
