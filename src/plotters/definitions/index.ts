import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';

/**
 * Every definition of this folder as it is written, by plotter id: the file's name without `.yaml`. The bundle
 * has this module replaced by its result (scripts/plotter-definitions.mjs), so that it reads and parses nothing.
 */
export const definitions: Readonly<Record<string, unknown>> = Object.fromEntries(
  readdirSync(import.meta.dirname)
    .filter((file) => file.endsWith('.yaml'))
    .sort()
    .map((file) => [
      file.slice(0, -'.yaml'.length),
      parse(readFileSync(`${import.meta.dirname}/${file}`, 'utf8')),
    ]),
);
