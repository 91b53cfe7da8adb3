import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { vi } from 'vitest';

/** A public key that passes every check: the generator of the group. */
export const KEY =
  '97f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb';
export const KEYS = ['-f', KEY, '-p', KEY];

export interface Result {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string[];
  stderr: string[];
}

export interface Simulated {
  child: ChildProcess;
  ended: Promise<Result>;
  /** Waits until this stands in the output so far. */
  said(text: string): Promise<void>;
}

export interface Bench {
  /** A directory with t, t2 and d in it. */
  directory: string;
  start(words: string[], options?: { stdout?: number }): Simulated;
  run(words: string[]): Promise<Result>;
  remove(): void;
}

const lines = (text: string) => text.split('\n').slice(0, -1);

/** Bundles the simulator as the program itself is bundled. @returns the file to start */
export async function bundleSimulator(directory: string): Promise<string> {
  const entry = join(directory, 'entry.ts');
  const source = JSON.stringify(resolve('src/simulator/simulate.ts'));
  writeFileSync(
    entry,
    `import { runSimulator } from ${source};\nprocess.exit(await runSimulator(process.argv.slice(2)));\n`,
  );
  await build({
    entryPoints: [entry],
    outdir: join(directory, 'out'),
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
  });
  return join(directory, 'out', 'entry.mjs');
}

export async function openBench(): Promise<Bench> {
  const root = mkdtempSync(join(tmpdir(), 'plot2mqtt-simulator-'));
  const program = await bundleSimulator(root);
  const started = new Set<ChildProcess>();
  const start: Bench['start'] = (words, options = {}) => {
    const child = spawn(process.execPath, [program, ...words], {
      cwd: root,
      stdio: ['ignore', options.stdout ?? 'pipe', 'pipe'],
    });
    started.add(child);
    const text = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name]?.setEncoding('utf8').on('data', (chunk: string) => {
        text[name] += chunk;
      });
    }
    const ended = new Promise<Result>((done) => {
      child.on('close', (code, signal) => {
        started.delete(child);
        done({ code, signal, stdout: lines(text.stdout), stderr: lines(text.stderr) });
      });
    });
    const said = (wanted: string) =>
      vi
        .waitUntil(() => `${text.stdout}${text.stderr}`.includes(wanted), { timeout: 15_000, interval: 5 })
        .then(() => {});
    return { child, ended, said };
  };
  for (const name of ['t', 't2', 'd']) mkdirSync(join(root, name));
  return {
    directory: root,
    start,
    run: (words) => start(words).ended,
    remove() {
      for (const child of started) child.kill('SIGKILL');
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** The lines that the real program wrote. */
export function recorded(name: string): Pick<Result, 'stdout' | 'stderr'> {
  const rows: { stream: string; line: string }[] = readFileSync(
    `test/fixtures/simulator/${name}.jsonl`,
    'utf8',
  )
    .trimEnd()
    .split('\n')
    .map((row) => JSON.parse(row));
  const of = (wanted: string) => rows.filter(({ stream }) => stream === wanted).map(({ line }) => line);
  return { stdout: of('stdout'), stderr: of('stderr') };
}

/** Makes lines of different runs comparable: names, dates, directories and process ids are alike. */
export function mask(text: string[]): string[] {
  return text.map((line) =>
    line
      .replace(/[^\s"'[]*plot-k\d+-[\d-]{16}-[0-9a-f]{64}/g, 'NAME')
      .replace(/^ID: [0-9a-f]{64}$/, 'ID')
      .replace(/^(Process ID.*:) \d+$/, '$1 PID')
      .replace(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}/, 'ISO')
      .replace(/[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}$/, 'CTIME')
      .replace(/\(\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d\)/, '(DATE)')
      .replace(/^((?:Final|Stage|Working) Directory[\w ]*:\s+|Final Directory is: ).*/, '$1DIR')
      .replace(/(temporary dirs:) .*/, '$1 DIRS')
      .replace(/(final plot size is|Final File size:) [\d.]+/, '$1 SIZE')
      .replace(/'[^']*\/'/, "'DIR/'"),
  );
}
