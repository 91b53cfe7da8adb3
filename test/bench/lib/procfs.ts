import { readdirSync, readFileSync } from 'node:fs';

/** What a process has used so far, by /proc. */
export interface Usage {
  /** Seconds of CPU of all its threads; the kernel counts nanoseconds here. */
  cpu: number;
  /** How often a thread of it went to sleep: each is a wake-up. */
  sleeps: number;
  /** MiB of memory that are its own or shared and in use now. */
  rss: number;
}

export function usageOf(pid: number): Usage {
  let nanoseconds = 0;
  let sleeps = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const folder = `/proc/${pid}/task/${thread}`;
    nanoseconds += Number(readFileSync(`${folder}/schedstat`, 'utf8').split(' ')[0]);
    sleeps += Number(
      /^voluntary_ctxt_switches:\s+(\d+)/m.exec(readFileSync(`${folder}/status`, 'utf8'))?.[1],
    );
  }
  const rss = Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
  return { cpu: nanoseconds / 1e9, sleeps, rss };
}

/** What was used between two looks; memory is as it is at the second. */
export function between(before: Usage, after: Usage): Usage {
  return { cpu: after.cpu - before.cpu, sleeps: after.sleeps - before.sleeps, rss: after.rss };
}
