import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { isZombie, statFields } from '../host/process-identity.ts';
import { codeOf } from '../util/errors.ts';

/** A process of a group. */
export interface Member {
  pid: number;
  /** Whether it was started with this worker's id in its environment, as all that a worker's command starts is. */
  carries(worker: string): boolean;
}

/** The variable by which a worker's processes are told from others. */
const MARKER = 'PLOT2MQTT_WORKER';

/** Of /proc/<pid>/stat, from the state on (proc(5)). */
const GROUP = 2;
const SESSION = 3;

/** Whether a process group of this id has any member, be it a zombie or somebody else's. */
export function groupExists(group: number): boolean {
  try {
    process.kill(-group, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

/** The living processes of the group and session of this id. Looks at every process of the host. */
export function membersOf(group: number): Member[] {
  if (!groupExists(group)) return [];
  return process.platform === 'linux' ? procMembers(group) : psMembers(group);
}

/** The sessions in which living processes carry this worker's id. Looks at every process of the host; Linux only. */
export function sessionsOf(worker: string): { session: number; pid: number }[] {
  if (process.platform !== 'linux') return [];
  const found = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!/^\d+$/.test(name) || !environmentOf(pid).includes(`${MARKER}=${worker}`)) continue;
    const fields = statFields(pid);
    if (fields !== null && !isZombie(fields)) found.set(Number(fields[SESSION]), pid);
  }
  return [...found].map(([session, pid]) => ({ session, pid }));
}

function procMembers(group: number): Member[] {
  const wanted = String(group);
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      const fields = statFields(pid);
      return fields !== null && fields[GROUP] === wanted && fields[SESSION] === wanted && !isZombie(fields);
    })
    .map((pid) => ({ pid, carries: (worker) => environmentOf(pid).includes(`${MARKER}=${worker}`) }));
}

/** Empty where it is another account's, or gone. */
function environmentOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

/** macOS and the BSDs: with -E, ps adds the environment to the command's words. */
function psMembers(group: number): Member[] {
  const table = execFileSync('ps', ['-axEww', '-o', 'pid=,pgid=,state=,command='], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  return table.split('\n').flatMap((line) => {
    const [, pid, pgid, state = '', words = ''] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    if (Number(pgid) !== group || state.startsWith('Z')) return [];
    return [{ pid: Number(pid), carries: (worker) => ` ${words} `.includes(` ${MARKER}=${worker} `) }];
  });
}
