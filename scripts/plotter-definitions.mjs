// Puts the built-in plotters into the bundle as data: src/plotters/definitions/index.ts, which reads the folder's
// YAML files, becomes their content.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parse } from 'yaml';

/** @type {import('esbuild').Plugin} */
export const plotterDefinitions = {
  name: 'plotter-definitions',
  setup(build) {
    build.onLoad({ filter: /src[\\/]plotters[\\/]definitions[\\/]index\.ts$/ }, ({ path }) => {
      const folder = dirname(path);
      const files = readdirSync(folder)
        .filter((file) => file.endsWith('.yaml'))
        .sort();
      const definitions = Object.fromEntries(
        files.map((file) => [basename(file, '.yaml'), parse(readFileSync(join(folder, file), 'utf8'))]),
      );
      return {
        contents: `export const definitions = ${JSON.stringify(definitions)};`,
        loader: 'js',
        watchFiles: files.map((file) => join(folder, file)),
      };
    });
  },
};
