import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

const run = (file: string, ...words: string[]) => void execFileSync(file, words, { stdio: 'ignore' });

/** A disk of 8 MiB that fails as real ones do. */
export class Ext4Disk {
  readonly path: string;
  readonly #image: string;

  constructor(path: string) {
    this.path = path;
    this.#image = `${path}.img`;
  }

  make(): void {
    writeFileSync(this.#image, '');
    truncateSync(this.#image, 8 * 1024 * 1024);
    run('mkfs.ext4', '-q', this.#image);
    mkdirSync(this.path, { recursive: true });
    this.mount();
  }

  mount(): void {
    run('mount', '-o', 'loop', this.#image, this.path);
  }

  unmount(): void {
    run('umount', '-l', this.path);
  }

  /** Goes read-only for good, as a disk with errors does, also for who has files open; what was written stays. */
  abort(): void {
    run('sync', '-f', this.path);
    run('mount', '-o', 'remount,abort', this.path);
  }

  /** Mounts it again after `abort`, checked; who still holds files of it must be gone. */
  repair(): void {
    run('umount', this.path);
    try {
      run('e2fsck', '-p', this.#image);
    } catch {
      // Exit code 1: errors were mended.
    }
    this.mount();
  }

  /** Nothing may be written to this file any more, also by who has it open; or again. */
  immutable(file: string, yes: boolean): void {
    run('chattr', yes ? '+i' : '-i', file);
  }
}

/** Whether this account may mount an ext4 in a file here. */
export const CAN_MOUNT_EXT4 = tryToMount();

function tryToMount(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  const folder = mkdtempSync(join(tmpdir(), 'ext4-'));
  const disk = new Ext4Disk(join(folder, 'disk'));
  try {
    disk.make();
    disk.unmount();
    return true;
  } catch {
    return false;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Mounts such a disk on a directory, which is made, until the test is over. */
export function mountExt4(path: string): Ext4Disk {
  const disk = new Ext4Disk(path);
  disk.make();
  onTestFinished(() => {
    disk.unmount();
    rmSync(`${path}.img`, { force: true });
  });
  return disk;
}
