import { readFile } from 'node:fs/promises';
import { transform } from 'esbuild';

/** For esbuild: an imported stylesheet is its text, minified. */
export const cssAsText = {
  name: 'css as text',
  setup(build) {
    build.onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await transform(await readFile(path, 'utf8'), { loader: 'css', minify: true });
      return { contents: code.trim(), loader: 'text' };
    });
  },
};
