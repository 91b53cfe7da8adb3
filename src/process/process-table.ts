import { Worker } from 'node:worker_threads';
import { execa } from 'execa';

/** A process of this host, as one look at the process table shows it. */
export interface Seen {
  pid: number;
  parent: number;
  group: number;
  /** Null where the system doesn't tell. */
  session: number | null;
  /** As in proc(5) and ps(1): `T` and `t` are stopped, `Z` and `X` are over. */
  state: string;
  /** When it started; opaque. Null where the system doesn't tell. */
  start: string | null;
  /** Of its environment, where this account may see it: see `MARKS`. */
  worker: string | null;
  run: string | null;
  step: string | null;
  /** Its environment is hidden from this account. */
  hidden: boolean;
}

/** The variables by which processes of a worker, of a run and of one of its steps are known. */
export const MARKS = { worker: 'PLOT2MQTT_WORKER', run: 'PLOT2MQTT_RUN', step: 'PLOT2MQTT_STEP' } as const;

/** To read what a process that hangs in the kernel has for an environment may hang too. */
const ANSWERS_WITHIN_MS = 10_000;
/** The thread ends when nobody has looked for so long. */
const IDLE_MS = 30_000;

/**
 * The thread: at each message it looks at every process. One that goes meanwhile is passed over, as is the environment
 * of another account's; any other error is the look's.
 */
const THREAD = `
const { readdirSync, readFileSync } = require('node:fs');
const { parentPort, workerData } = require('node:worker_threads');
const GONE = new Set(['ENOENT', 'ESRCH']);
const HIDDEN = new Set(['EACCES', 'EPERM']);
function read(file) {
  try {
    return readFileSync(file, 'latin1');
  } catch (error) {
    if (GONE.has(error.code)) return null;
    throw error;
  }
}
function environmentOf(pid) {
  try {
    return read('/proc/' + pid + '/environ');
  } catch (error) {
    if (HIDDEN.has(error.code)) return undefined;
    throw error;
  }
}
function look() {
  const seen = [];
  for (const name of readdirSync('/proc')) {
    if (!/^[0-9]+$/.test(name)) continue;
    const stat = read('/proc/' + name + '/stat');
    if (stat === null) continue;
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const marks = { worker: null, run: null, step: null };
    const environment = environmentOf(name);
    if (environment?.includes('PLOT2MQTT_'))
      for (const line of environment.split('\\0'))
        for (const mark of Object.keys(marks))
          if (line.startsWith(workerData[mark] + '=')) marks[mark] = line.slice(workerData[mark].length + 1);
    const [state, parent, group, session] = fields;
    const place = { pid: +name, parent: +parent, group: +group, session: +session };
    seen.push({ ...place, state, start: fields[19], ...marks, hidden: environment === undefined });
  }
  return seen;
}
parentPort.on('message', () => {
  try {
    parentPort.postMessage({ seen: look() });
  } catch (error) {
    parentPort.postMessage({ problem: error.message });
  }
});
`;

type Answer = { seen: Seen[] } | { problem: string };

/** The host's processes, looked at in a thread of its own: one look serves all that ask meanwhile. */
class ProcessTable {
  #thread: Worker | null = null;
  #idle: NodeJS.Timeout | undefined;
  #looking: Promise<Seen[]> | null = null;
  #next: Promise<Seen[]> | null = null;

  /** A look that begins after it was asked for. Rejects where the system doesn't tell now. */
  look(): Promise<Seen[]> {
    if (this.#looking === null) return this.#begin();
    // What runs now may have passed by what the asker has just done.
    this.#next ??= this.#looking.then(
      () => this.#begin(),
      () => this.#begin(),
    );
    return this.#next;
  }

  #begin(): Promise<Seen[]> {
    this.#next = null;
    const looking = process.platform === 'linux' ? this.#ask() : lookByPs();
    this.#looking = looking;
    const over = () => {
      if (this.#looking === looking) this.#looking = null;
    };
    looking.then(over, over);
    return looking;
  }

  #ask(): Promise<Seen[]> {
    const thread = this.#running();
    clearTimeout(this.#idle);
    return new Promise<Seen[]>((resolve, reject) => {
      const give = (error: Error) => {
        this.#drop(thread);
        reject(error);
      };
      const late = setTimeout(() => give(new Error("the process table doesn't answer")), ANSWERS_WITHIN_MS);
      const settle = () => {
        clearTimeout(late);
        thread.off('error', give);
        thread.off('message', answered);
        this.#idle = setTimeout(() => this.#drop(thread), IDLE_MS).unref();
      };
      const answered = (answer: Answer) => {
        settle();
        if ('seen' in answer) resolve(answer.seen);
        else reject(new Error(answer.problem));
      };
      thread.once('error', give);
      thread.once('message', answered);
      thread.postMessage(null);
    });
  }

  #running(): Worker {
    this.#thread ??= new Worker(THREAD, { eval: true, workerData: MARKS });
    this.#thread.unref();
    return this.#thread;
  }

  #drop(thread: Worker): void {
    if (this.#thread === thread) this.#thread = null;
    void thread.terminate();
  }
}

/** macOS and the BSDs: with -E, ps adds the environment to the command's words. */
async function lookByPs(): Promise<Seen[]> {
  const { stdout } = await execa('ps', ['-axEww', '-o', 'pid=,ppid=,pgid=,state=,command='], {
    lines: true,
    // Its clean-up listens to the daemon's own signals, and would end it.
    cleanup: false,
  });
  return stdout.flatMap((line) => {
    const fields = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line);
    if (fields === null) return [];
    const [, pid, parent, group, state = '', words = ''] = fields;
    const mark = (name: string) => new RegExp(` ${name}=(\\S*)`).exec(` ${words}`)?.[1] ?? null;
    const numbers = { pid: Number(pid), parent: Number(parent), group: Number(group) };
    const marks = { worker: mark(MARKS.worker), run: mark(MARKS.run), step: mark(MARKS.step) };
    // Whether an environment is empty or hidden ps doesn't tell.
    return [{ ...numbers, session: null, state: state.charAt(0), start: null, ...marks, hidden: false }];
  });
}

/** The one of this program. */
export const processTable = new ProcessTable();
