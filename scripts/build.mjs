// Bundles the program into dist/: one entry, with chunks for what not every command needs.
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';
import { plotterDefinitions } from './plotter-definitions.mjs';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

rmSync(new URL('../dist', import.meta.url), { recursive: true, force: true });
await build({
  entryPoints: ['src/main.ts'],
  outdir: 'dist',
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
chmodSync(new URL('../dist/main.js', import.meta.url), 0o755);

// The same program as a command named plot2mqtt, for the PATH of the commands that jobs run.
const command = `#!/bin/sh
exec "\${PLOT2MQTT_NODE:-node}" "$(dirname -- "$0")/../main.js" "$@"
`;
mkdirSync(new URL('../dist/bin', import.meta.url));
writeFileSync(new URL('../dist/bin/plot2mqtt', import.meta.url), command, { mode: 0o755 });
