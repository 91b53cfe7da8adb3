import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { fileURLToPath } from 'node:url';

const maps = new Map<string, SourceMap | null>();

/**
 * From now on stack traces name files and lines of the source. Node.js' own way of doing so reads the maps of all that
 * is loaded, a tenth of the time to start; here a map is read when a stack is looked at.
 */
export function nameSourceInStacks(): void {
  Error.prepareStackTrace = (error, sites) =>
    [String(error), ...sites.map((site) => `    at ${inSource(site)}`)].join('\n');
}

function inSource(site: NodeJS.CallSite): string {
  const shown = String(site);
  const file = site.getFileName();
  const line = site.getLineNumber();
  const column = site.getColumnNumber();
  if (!file?.startsWith('file:') || line === null || column === null) return shown;
  const origin = mapOf(file)?.findOrigin(line, column);
  if (!origin || !('fileName' in origin)) return shown;
  const source = fileURLToPath(new URL(origin.fileName, file));
  return shown.replace(`${file}:${line}:${column}`, `${source}:${origin.lineNumber}:${origin.columnNumber}`);
}

/** The map beside a file of the bundle; `null` where there is none, as for packages. */
function mapOf(file: string): SourceMap | null {
  const known = maps.get(file);
  if (known !== undefined) return known;
  const map = readMap(file);
  maps.set(file, map);
  return map;
}

function readMap(file: string): SourceMap | null {
  try {
    return new SourceMap(JSON.parse(readFileSync(new URL(`${file}.map`), 'utf8')));
  } catch {
    return null;
  }
}
