import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** Whether this account may mount file systems here. */
export const CAN_MOUNT = tryToMount();

function tryToMount(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  const folder = mkdtempSync(join(tmpdir(), 'mount-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'none', folder], { stdio: 'ignore' });
    execFileSync('umount', [folder], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  } finally {
    rmdirSync(folder);
  }
}

/** A small disk, mounted at a directory until the test is over. */
export interface Disk {
  path: string;
  /** `ro`, `rw`, `size=2m`: as mount takes them. */
  remount(options: string): void;
  unmount(): void;
  mount(): void;
}

/** Mounts a tmpfs of this size (`1m`) on `path`, which is made. */
export function mountDisk(path: string, size: string): Disk {
  mkdirSync(path, { recursive: true });
  let mounted = false;
  const disk: Disk = {
    path,
    mount() {
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=0777`, 'none', path]);
      mounted = true;
    },
    remount: (options) => void execFileSync('mount', ['-o', `remount,${options}`, path]),
    unmount() {
      // Lazily: a disk that is pulled asks nobody either.
      if (mounted) execFileSync('umount', ['-l', path]);
      mounted = false;
    },
  };
  disk.mount();
  onTestFinished(() => disk.unmount());
  return disk;
}
