import { copyFileSync, existsSync, renameSync } from 'node:fs';

/** A name beside `file` that is free: `<file>.bad-2026-01-31T12-00-00-000Z`. */
function asideName(file: string, at: Date): string {
  const name = `${file}.bad-${at.toISOString().replace(/[:.]/g, '-')}`;
  if (!existsSync(name)) return name;
  for (let number = 2; ; number++) {
    if (!existsSync(`${name}-${number}`)) return `${name}-${number}`;
  }
}

/** Moves a file that can't be used out of the way, never over another one. Returns its new name. */
export function setAside(file: string, at: Date): string {
  const name = asideName(file, at);
  renameSync(file, name);
  return name;
}

/** Keeps a copy of a file that is about to be cut. Returns the copy's name. */
export function copyAside(file: string, at: Date): string {
  const name = asideName(file, at);
  copyFileSync(file, name);
  return name;
}
