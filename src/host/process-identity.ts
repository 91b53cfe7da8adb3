import { readFileSync } from 'node:fs';
import { execaSync } from 'execa';
import { codeOf } from '../util/errors.ts';

/** A process that can't be mistaken for a later one with the same id. */
export interface ProcessIdentity {
  pid: number;
  /** What `identityOf` said of it. Opaque: compare, don't read. */
  identity: string;
}

/** Fields of /proc/<pid>/stat after the command's name, which is in brackets and may hold anything (proc(5)). */
const STATE = 0;
const START_TICKS = 19;

const LINUX_BOOT_ID = '/proc/sys/kernel/random/boot_id';

/** Where there is no /proc, times of start are absolute already and need no boot to belong to. */
const NO_BOOT_ID = 'epoch';

/**
 * Which process has this id now: `<boot id>:<time of start>`, or null where none has (a zombie counts as none: it
 * runs nothing and holds nothing). Two equal answers mean the same process, over restarts of the host too. Throws
 * where that can't be told now, as where this program has no files left to open.
 */
export function identityOf(pid: number): string | null {
  const start = process.platform === 'linux' ? linuxStart(pid) : psStart(pid);
  return start === null ? null : `${bootId()}:${start}`;
}

/** Whether that very process still runs, rather than none or another one that was given its id. Throws as `identityOf`. */
export function sameProcess(process: ProcessIdentity): boolean {
  return identityOf(process.pid) === process.identity;
}

let knownBootId: string | undefined;

/** The id of this boot of the host, new at each boot; a constant on systems without one. */
export function bootId(): string {
  knownBootId ??= process.platform === 'linux' ? readFileSync(LINUX_BOOT_ID, 'utf8').trim() : NO_BOOT_ID;
  return knownBootId;
}

/** By these /proc says that there is no such process, or none any more. */
const NO_PROCESS: ReadonlySet<string> = new Set(['ENOENT', 'ESRCH']);

/** Whether an error of reading /proc/<pid> says that the process is gone. */
export function saysGone(error: unknown): boolean {
  return NO_PROCESS.has(codeOf(error) ?? '');
}

/**
 * The fields of /proc/<pid>/stat from the state on (field 3 of proc(5) is the first), null where there is no such
 * process. Throws where it can't be read now.
 */
export function statFields(pid: number): string[] | null {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch (error) {
    if (saysGone(error)) return null;
    throw error;
  }
  return stat
    .slice(stat.lastIndexOf(')') + 2)
    .trimEnd()
    .split(' ');
}

/** Whether the state in these fields is that of a process that is over, but for its parent's wait. */
export function isZombie(fields: string[]): boolean {
  return fields[STATE] === 'Z' || fields[STATE] === 'X';
}

function linuxStart(pid: number): string | null {
  const fields = statFields(pid);
  return fields === null || isZombie(fields) ? null : (fields[START_TICKS] ?? null);
}

/** macOS and the BSDs: to the second, which ids take longer to come round again. */
function psStart(pid: number): string | null {
  const said = execaSync('ps', ['-o', 'state=', '-o', 'lstart=', '-p', String(pid)], {
    env: { LC_ALL: 'C', TZ: 'UTC' },
    reject: false,
  });
  // It ended by itself, and has found none.
  if (said.exitCode === 1) return null;
  if (said.failed) throw said;
  const [state, ...start] = said.stdout.trim().split(/\s+/);
  return state === undefined || state.startsWith('Z') || start.length === 0 ? null : start.join('_');
}
