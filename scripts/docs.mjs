// Writes the pages of docs/ that the program itself knows: configuration, topics, errors, plotters. `--check` writes
// nothing and fails where a page isn't what it would be.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { configPage } from './docs/config.mjs';
import { errorsPage } from './docs/errors.mjs';
import { plottersPage } from './docs/plotters.mjs';
import { topicsPage } from './docs/topics.mjs';
import { plotterDefinitions } from './plotter-definitions.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const NOTE = '<!-- Written by `npm run docs` from the program itself: change it there. -->\n\n';

/** What the program knows of itself. */
async function loadProgram() {
  const place = mkdtempSync(join(root, 'node_modules/.docs-'));
  const outfile = join(place, 'program.mjs');
  const sources = [
    'config/schema/config',
    'contract/published',
    'contract/rows/events',
    'contract/rows/row',
    'contract/error-codes',
  ];
  const contents = [...sources, 'plotters/catalogue']
    .map((name) => `export * from './src/${name}.ts';`)
    .join('\n');
  try {
    await build({
      stdin: { contents, resolveDir: root, loader: 'ts' },
      outfile,
      bundle: true,
      platform: 'node',
      format: 'esm',
      packages: 'external',
      plugins: [plotterDefinitions],
    });
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

const program = await loadProgram();
const pages = {
  'docs/config.md': configPage(program.configJsonSchema()),
  'docs/topics.md': topicsPage(program),
  'docs/errors.md': errorsPage(program.COMMAND_ERROR_CODES),
  'docs/plotters.md': plottersPage(program.builtInPlotters()),
};
const stale = [];
for (const [name, text] of Object.entries(pages)) {
  const file = join(root, name);
  const wanted = NOTE + text;
  let present = '';
  try {
    present = readFileSync(file, 'utf8');
  } catch {
    // A page that isn't there is stale too.
  }
  if (present === wanted) continue;
  if (process.argv.includes('--check')) stale.push(name);
  else writeFileSync(file, wanted);
}
if (stale.length > 0) {
  console.error(`Stale: ${stale.join(', ')}. Run \`npm run docs\`.`);
  process.exit(1);
}
