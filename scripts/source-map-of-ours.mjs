// Leaves the packages out of the bundle's source map: what a stack trace reads to name src/ is a fifth of it.
import { decode, encode } from '@jridgewell/sourcemap-codec';

/**
 * @param {string} text a source map
 * @returns {string} the same without what lies in node_modules/, and without names
 */
export function sourceMapOfOurs(text) {
  const map = JSON.parse(text);
  const ours = map.sources.map((source) => !source.includes('node_modules/'));
  let named = false;
  const mappings = decode(map.mappings).map((line) =>
    line.flatMap(([column, source, ...place]) => {
      const before = named;
      named = source !== undefined && ours[source];
      if (named) return [[column, source, place[0], place[1]]];
      // Where ours ends; else all that follows would count as its last line.
      return before ? [[column]] : [];
    }),
  );
  const sources = map.sources.map((source, index) => (ours[index] ? source : ''));
  return JSON.stringify({ ...map, sources, names: [], mappings: encode(mappings) });
}
