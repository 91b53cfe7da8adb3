import { createHash } from 'node:crypto';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, beforeEach, expect, inject, it } from 'vitest';
import { codeCacheFile, compileScript } from '../../src/util/script.ts';

let folder: string;
let script: string;
let cache: string;
let good: Buffer;
let schema: string;

const printedSchema = async () => (await execa(process.execPath, [join(folder, 'main.js'), 'schema'])).stdout;

/** What V8, new each time, says of the code in the cache's file. */
async function rejected(): Promise<string> {
  const { stdout } = await execa(process.execPath, ['-p', REJECTED, fileURLToPath(script), cache]);
  return stdout;
}
const REJECTED = `
const [script, cache] = process.argv.slice(1);
const cachedData = fs.readFileSync(cache).subarray(32);
new vm.Script(fs.readFileSync(script, 'latin1'), { cachedData }).cachedDataRejected`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'code-cache-'));
  await cp(dirname(inject('program')), folder, { recursive: true });
  const entry = await readFile(join(folder, 'main.js'), 'utf8');
  const name = (await readdir(folder)).find((file) => file.endsWith('.cjs') && entry.includes(file)) ?? '';
  script = pathToFileURL(join(folder, name)).href;
  cache = codeCacheFile(script);
  good = await readFile(cache);
  schema = await printedSchema();
});
beforeEach(() => writeFile(cache, good));
afterAll(() => rm(folder, { recursive: true, force: true }));

it('is made by the build, and taken by V8', async () => {
  expect(await rejected()).toBe('false');
  expect(compileScript(script).cachedDataRejected).toBe(false);
  expect(schema).toContain('"$schema"');
});

const flipped = (at: number) => {
  const bytes = Buffer.from(good);
  bytes.writeUInt8(bytes.readUInt8(at) ^ 0x40, at);
  return bytes;
};

it.each([
  ['missing', () => rm(cache)],
  ['empty', () => writeFile(cache, '')],
  ['cut off', () => writeFile(cache, good.subarray(0, good.length / 2))],
  ['damaged at its beginning', () => writeFile(cache, flipped(40))],
  ['damaged in the middle', () => writeFile(cache, flipped(good.length / 2))],
  ['something else', () => writeFile(cache, Buffer.alloc(good.length, 'x'))],
])('one that is %s only costs time', async (_, harm) => {
  await harm();
  expect(compileScript(script).cachedDataRejected).toBeUndefined();
  expect(await printedSchema()).toBe(schema);
});

it('one of another V8 only costs time', async () => {
  const code = Buffer.from(good.subarray(32));
  // V8's version is what its header has second.
  code.writeUInt32LE(code.readUInt32LE(4) ^ 1, 4);
  await writeFile(cache, Buffer.concat([createHash('sha256').update(code).digest(), code]));
  expect(await rejected()).toBe('true');
  expect(await printedSchema()).toBe(schema);
});
