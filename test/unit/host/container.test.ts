import { expect, it } from 'vitest';
import { containerEndsWith, liveProcesses, type ProcessTable } from '../../../src/host/container.ts';

/** Processes by id: their parent and command line. */
function table(processes: Record<number, [parent: number, command: string]>): ProcessTable {
  return {
    parentOf: (pid) => processes[pid]?.[0] ?? null,
    wordsOf: (pid) => processes[pid]?.[1].split(' ') ?? [],
  };
}

it.each<[string, number, Record<number, [number, string]>, boolean]>([
  ['it is the first process', 1, {}, true],
  ['the image’s own init runs it', 7, { 7: [1, 'node'], 1: [0, 'tini -- plot2mqtt run'] }, true],
  [
    'docker run --init is above that',
    9,
    { 9: [7, 'node'], 7: [1, 'tini -- plot2mqtt'], 1: [0, '/sbin/docker-init -- tini -- plot2mqtt'] },
    true,
  ],
  ['a path leads to it', 7, { 7: [1, 'node'], 1: [0, 'dumb-init /usr/bin/plot2mqtt run'] }, true],
  ['systemd runs it, in LXC or on the host', 900, { 900: [1, 'node'], 1: [0, '/sbin/init'] }, false],
  [
    'a shell of a development container runs it',
    90,
    { 90: [80, 'node'], 80: [1, 'bash'], 1: [0, '/sbin/docker-init -- sleep infinity'] },
    false,
  ],
  [
    'it was left to the init of another program',
    90,
    { 90: [1, 'node'], 1: [0, 'tini -- sh -c plot2mqtt'] },
    false,
  ],
  [
    'a supervisor runs it',
    90,
    { 90: [50, 'node'], 50: [1, 's6-supervise plot2mqtt'], 1: [0, '/init'] },
    false,
  ],
  ['nothing is known of what is above it', 90, { 90: [1, 'node'] }, false],
])('the container ends with it where %s: pid %d', (_name, pid, processes, wanted) => {
  expect(containerEndsWith(pid, 'plot2mqtt', table(processes))).toBe(wanted);
});

it('reads the processes of this machine', () => {
  expect(liveProcesses.parentOf(process.pid)).toBe(process.ppid);
  expect(liveProcesses.wordsOf(process.pid).length).toBeGreaterThan(0);
  expect(containerEndsWith(process.pid, 'plot2mqtt', liveProcesses)).toBe(false);
});
