import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { onTestFinished } from 'vitest';
import { CAN_MOUNT } from './tmpfs.ts';

/** Whether a disk that never answers can be had here: a FUSE file system behind which nobody is. */
export const CAN_HANG = CAN_MOUNT && existsSync('/dev/fuse');

/** A disk that never answers until the test is over. */
export interface DeadDisk {
  path: string;
  /** It is gone for good: whoever waits for it gets an error. */
  bury(): void;
}

/** Mounts one at a directory, which is made: every look at it hangs. */
export function mountDeadDisk(path: string): DeadDisk {
  mkdirSync(path, { recursive: true });
  let fuse: number | null = openSync('/dev/fuse', 'r+');
  const options = 'fd=3,rootmode=40000,user_id=0,group_id=0';
  const mounted = spawnSync('mount', ['-i', '-t', 'fuse', '-o', options, 'none', path], {
    stdio: ['ignore', 'ignore', 'pipe', fuse],
    encoding: 'utf8',
  });
  if (mounted.status !== 0) throw new Error(`no dead disk: ${mounted.stderr}`);
  const disk: DeadDisk = {
    path,
    bury() {
      if (fuse === null) return;
      closeSync(fuse);
      fuse = null;
      execFileSync('umount', ['-l', path]);
    },
  };
  onTestFinished(() => disk.bury());
  return disk;
}
