import { statfsSync, watch } from 'node:fs';

export interface Watch {
  close(): void;
}

export interface WatchOptions {
  /** How often to look where the kernel doesn't notify; milliseconds. */
  fallbackMs?: number;
}

const FALLBACK_MS = 2_000;

/**
 * File systems on which another host's or a server's writes raise no notification here (statfs(2), linux/magic.h):
 * NFS, SMB, CIFS, SMB2, FUSE, 9P, CEPH, AFS.
 */
const UNNOTIFIED = new Set([
  0x6969, 0x517b, 0xff534d42, 0xfe534d42, 0x65735546, 0x01021997, 0x00c36400, 0x5346414f,
]);

/**
 * Calls back whenever something may have changed in this file or directory, as the kernel tells (inotify, kqueue,
 * FSEvents). Where it doesn't, or has no watches left, at a slow pace instead. The path must exist, or nothing but the
 * slow pace is left.
 */
export function watchPath(path: string, onChange: () => void, options: WatchOptions = {}): Watch {
  const watcher = tryWatch(path, onChange);
  if (watcher !== null && !isUnnotified(path)) return watcher;
  const timer = setInterval(onChange, options.fallbackMs ?? FALLBACK_MS);
  return {
    close() {
      clearInterval(timer);
      watcher?.close();
    },
  };
}

/** Where a change is awaited that takes milliseconds, and the kernel doesn't notify. */
const AWAITED_MS = 10;

/** Resolves once `holds` does, which changes in this directory may bring about; in any case when `until` comes. */
export async function changedUntil(
  dir: string,
  holds: () => boolean,
  until: Promise<unknown>,
): Promise<void> {
  let watch: Watch | undefined;
  const changed = new Promise<void>((resolve, reject) => {
    const look = () => {
      try {
        if (holds()) resolve();
      } catch (error) {
        reject(error);
      }
    };
    watch = watchPath(dir, look, { fallbackMs: AWAITED_MS });
    look();
  });
  try {
    await Promise.race([changed, until.catch(() => {})]);
  } finally {
    watch?.close();
  }
}

function tryWatch(path: string, onChange: () => void): Watch | null {
  try {
    const watcher = watch(path, { persistent: true }, onChange);
    // A watched directory that goes away is an error on some systems; there is nothing left to notify of.
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch {
    return null;
  }
}

function isUnnotified(path: string): boolean {
  if (process.platform !== 'linux') return false;
  try {
    return UNNOTIFIED.has(statfsSync(path).type >>> 0);
  } catch {
    return false;
  }
}
