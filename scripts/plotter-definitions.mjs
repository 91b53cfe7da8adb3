// Puts the built-in plotters into the bundle as data: src/plotters/definitions/index.ts, which reads and checks the
// folder's YAML files, becomes its result. A third of the time in which the daemon loads would go into that.
import { join } from 'node:path';
import { build as bundle } from 'esbuild';

const OWN_REQUIRE =
  "import { createRequire as __createRequire } from 'node:module';const require = __createRequire(import.meta.url);";

/** What the module gives when it runs from its source. */
async function definitionsOf(path) {
  const { outputFiles } = await bundle({
    entryPoints: [path],
    write: false,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    // The folder that it reads is the source's.
    define: { 'import.meta.dirname': JSON.stringify(join(path, '..')) },
    banner: { js: OWN_REQUIRE.replace('import.meta.url', JSON.stringify(`file://${path}`)) },
  });
  const code = Buffer.from(outputFiles[0].contents).toString('base64');
  const { definitions } = await import(`data:text/javascript;base64,${code}`);
  return definitions;
}

/** @type {import('esbuild').Plugin} */
export const plotterDefinitions = {
  name: 'plotter-definitions',
  setup(build) {
    build.onLoad({ filter: /src[\\/]plotters[\\/]definitions[\\/]index\.ts$/ }, async ({ path }) => {
      const text = JSON.stringify(await definitionsOf(path));
      // Text that is parsed as JSON is read faster than the same as a literal.
      return { contents: `export const definitions = JSON.parse(${JSON.stringify(text)});`, loader: 'js' };
    });
  },
};
