import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import xterm from '@xterm/headless';
import { onTestFinished } from 'vitest';

const PTY = join(import.meta.dirname, 'pty.py');

export interface Size {
  columns: number;
  rows: number;
}

/** A program in a terminal of its own, and what stands on its screen. */
export class TestTerminal {
  readonly #screen: InstanceType<typeof xterm.Terminal>;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #pid: Promise<number>;
  /** What the helper says: the process id, and how it found the terminal at the end. */
  #said = '';
  /** All that the program has written, escape sequences too. */
  raw = '';
  /** The code with which it ended; 128 and the signal where one ended it. */
  readonly ended: Promise<number | null>;

  constructor(program: readonly string[], size: Size, options: { cwd: string; env: NodeJS.ProcessEnv }) {
    const { columns, rows } = size;
    this.#screen = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
    const env = { ...options.env, TERM: 'xterm-256color' };
    this.#child = spawn('python3', [PTY, `${columns}`, `${rows}`, ...program], { cwd: options.cwd, env });
    this.#child.stderr.on('data', (chunk: Buffer) => (this.#said += chunk.toString()));
    this.#pid = once(this.#child.stderr, 'data').then(() => Number.parseInt(this.#said, 10));
    this.#child.stdin.on('error', () => {});
    this.#child.stdout.on('data', (chunk: Buffer) => {
      this.raw += chunk.toString();
      this.#screen.write(chunk);
    });
    this.ended = once(this.#child, 'close').then(([code]) => (typeof code === 'number' ? code : null));
    onTestFinished(() => void this.#child.kill('SIGKILL'));
  }

  keys(text: string): void {
    this.#child.stdin.write(`${JSON.stringify({ keys: text })}\n`);
  }

  resize({ columns, rows }: Size): void {
    this.#screen.resize(columns, rows);
    this.#child.stdin.write(`${JSON.stringify({ size: [columns, rows] })}\n`);
  }

  async signal(signal: NodeJS.Signals): Promise<void> {
    process.kill(await this.#pid, signal);
  }

  /** The rows that are seen, without the blanks behind them. */
  async rows(): Promise<string[]> {
    await new Promise<void>((resolve) => this.#screen.write('', resolve));
    const { active } = this.#screen.buffer;
    return Array.from(
      { length: this.#screen.rows },
      (_, row) => active.getLine(active.baseY + row)?.translateToString(true) ?? '',
    );
  }

  /** Whether a line was longer than the screen is wide, and goes on in the next row. */
  async isWrapped(): Promise<boolean> {
    const { length } = await this.rows();
    const { active } = this.#screen.buffer;
    return Array.from({ length }, (_, row) => active.getLine(active.baseY + row)?.isWrapped).includes(true);
  }

  /** Whether its second screen is shown. */
  get isAlternate(): boolean {
    return this.#screen.buffer.active.type === 'alternate';
  }

  /** Whether what is typed is edited and shown as a shell wants it; only known at the end. */
  get isCooked(): boolean {
    return this.#said.endsWith('cooked\n');
  }

  /** Whether its cursor is to be seen. */
  get hasCursor(): boolean {
    return this.raw.lastIndexOf('\x1b[?25h') >= this.raw.lastIndexOf('\x1b[?25l');
  }
}
