import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';

const CHECKSUM_BYTES = 32;

/** What the build makes of a module: a function in its own text (see scripts/build.mjs). */
type ModuleFunction<Exports> = (require: NodeJS.Require, url: string) => Exports;

/**
 * Compiles a script of the bundle with the code that V8 kept of compiling it before, which takes a third of the time.
 * A cache that is missing or damaged only costs that time.
 * @param url the script, a file URL; its cache lies beside it
 */
export function compileScript(url: string): Script {
  const cachedData = readCache(codeCacheFile(url));
  // The build writes ASCII alone: as Latin-1 that takes a byte a character, and no decoding.
  const source = readFileSync(fileURLToPath(url), 'latin1');
  return new Script(source, { filename: scriptName(url), ...(cachedData && { cachedData }) });
}

/** What V8 calls a script, in its code cache too: a path would be that of the machine that made the package. */
export function scriptName(url: string): string {
  // A part of a string keeps the whole of it, which V8 would write down too.
  return Buffer.from(basename(fileURLToPath(url))).toString();
}

/** Runs a script of the bundle, which exports what `Exports` says. */
export function runScript<Exports extends object>(script: Script, url: string): Exports {
  const evaluate: ModuleFunction<Exports> = script.runInThisContext();
  return evaluate(createRequire(url), url);
}

/**
 * Where the code cache of a script lies: one for each build of Node.js. V8 takes caches of other versions for its own
 * now and then, and crashes over them (nodejs/node#62781).
 */
export function codeCacheFile(url: string): string {
  const { version, versions, platform, arch, config } = process;
  const build = createHash('sha256')
    .update(JSON.stringify([versions, config.variables]))
    .digest('hex');
  return `${fileURLToPath(url)}.${version}-${platform}-${arch}-${build.slice(0, 8)}.cache`;
}

/** Keeps what V8 has compiled of a script by now; @returns the contents of its code cache's file. */
export function codeCacheOf(script: Script): Buffer {
  const code = script.createCachedData();
  return Buffer.concat([checksum(code), code]);
}

/** V8 itself crashes over a flipped bit, so the file begins with a checksum. */
function readCache(file: string): Buffer | undefined {
  try {
    const contents = readFileSync(file);
    const code = contents.subarray(CHECKSUM_BYTES);
    return checksum(code).equals(contents.subarray(0, CHECKSUM_BYTES)) ? code : undefined;
  } catch {
    return undefined;
  }
}

function checksum(code: Buffer): Buffer {
  return createHash('sha256').update(code).digest();
}
