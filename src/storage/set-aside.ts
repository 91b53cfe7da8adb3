import { copyFileSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** So many damaged files of one kind are kept; then the oldest goes, so that no loop of restarts fills the disk. */
const MOST = 8;
const ASIDE = /^(.+)\.bad-\d{4}-[\dTZ-]+$/;

/** Moves a file that can't be used out of the way, never over another one. Returns its new name. */
export function setAside(file: string, at: Date): string {
  const name = asideName(file, at);
  renameSync(file, name);
  forgetOldest(file);
  return name;
}

/** Keeps a copy of a file that is about to be changed; where the very same was kept before, that one. Returns its name. */
export function copyAside(file: string, at: Date): string {
  const kept = asideOf(file).find((name) => sameContent(file, name));
  if (kept !== undefined) return kept;
  const name = asideName(file, at);
  try {
    copyFileSync(file, name);
  } catch (error) {
    rmSync(name, { force: true });
    throw error;
  }
  forgetOldest(file);
  return name;
}

/** A name beside `file` that is free: `<file>.bad-2026-01-31T12-00-00-000Z`. */
function asideName(file: string, at: Date): string {
  const taken = new Set(asideOf(file));
  const name = `${file}.bad-${at.toISOString().replace(/[:.]/g, '-')}`;
  if (!taken.has(name)) return name;
  for (let number = 2; ; number++) if (!taken.has(`${name}-${number}`)) return `${name}-${number}`;
}

/** What was set aside of this kind of file, the journals of all generations being one; the oldest first. */
function asideOf(file: string): string[] {
  const dir = dirname(file);
  const kind = kindOf(basename(file));
  const names = readdirSync(dir).filter((name) => {
    const original = ASIDE.exec(name)?.[1];
    return original !== undefined && kindOf(original) === kind;
  });
  const stamp = (name: string) => name.slice(name.lastIndexOf('.bad-'));
  return names.sort((a, b) => (stamp(a) < stamp(b) ? -1 : 1)).map((name) => join(dir, name));
}

function kindOf(name: string): string {
  return name.replace(/\d+/g, 'N');
}

function sameContent(file: string, other: string): boolean {
  if (statSync(file).size !== statSync(other).size) return false;
  return readFileSync(file).equals(readFileSync(other));
}

function forgetOldest(file: string): void {
  const names = asideOf(file);
  for (const name of names.slice(0, Math.max(0, names.length - MOST)))
    rmSync(name, { force: true, recursive: true });
}
