import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { codeOf } from '../util/errors.ts';

/** The daemon's socket in `data_dir`. */
export const SOCKET = 'daemon.sock';
/** The file in `data_dir` that says where the socket is, where it can't be there. */
export const SOCKET_NOTE = 'socket';

/** Bytes of a socket's path, without the zero at its end: sun_path of unix(7), which is shorter on BSDs. */
const PATH_BYTES = process.platform === 'linux' ? 107 : 103;

/** Whether the system takes a socket's path of this length. */
export function fits(path: string): boolean {
  return Buffer.byteLength(path) <= PATH_BYTES;
}

/** The name of a daemon's socket in `data_dir` until it has the directory for itself. */
export function draftSocket(token: string): string {
  return `daemon.${token}.sock`;
}

/** The name of a socket elsewhere: it begins with the mark of its `data_dir`, so that it is found without a note. */
export function socketElsewhere(dataDir: string, token: string): string {
  return `${markOf(dataDir)}.${token}.sock`;
}

function markOf(dataDir: string): string {
  return createHash('sha256').update(dataDir).digest('hex').slice(0, 12);
}

/** Where sockets lie that can't be in `data_dir`, the best place first. */
export function runtimeDirectories(env: Readonly<Record<string, string | undefined>>): string[] {
  const runtime = env.XDG_RUNTIME_DIR ? [join(env.XDG_RUNTIME_DIR, 'plot2mqtt')] : [];
  return [...runtime, `/tmp/plot2mqtt-${userInfo().uid}`];
}

/**
 * Makes one of these directories, or another in /tmp where somebody else sits on the name. Returns it.
 * Throws the system's error where there is none to be had.
 */
export function makeRuntimeDirectory(env: Readonly<Record<string, string | undefined>>): string {
  for (const directory of runtimeDirectories(env)) {
    try {
      mkdirSync(directory, { mode: 0o700 });
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') continue;
    }
    if (isOursAlone(directory)) return directory;
  }
  return mkdtempSync(`/tmp/plot2mqtt-${userInfo().uid}-`);
}

/** Whether this is a directory, no link, of this account, that nobody else may enter. */
export function isOursAlone(directory: string): boolean {
  const stat = lstatSync(directory, { throwIfNoEntry: false });
  return stat?.isDirectory() === true && stat.uid === userInfo().uid && (stat.mode & 0o077) === 0;
}

/**
 * Where the socket of a daemon that works on `dataDir`, or waits for it, may be, the likeliest first; a directory
 * elsewhere that isn't this account's alone is passed over. Throws the system's error where `data_dir` can't be looked
 * at.
 */
export function socketsFor(dataDir: string, env: Readonly<Record<string, string | undefined>>): string[] {
  const noted = readNote(join(dataDir, SOCKET_NOTE));
  return [
    ...new Set([
      ...(noted === null ? [] : [noted]),
      ...[join(dataDir, SOCKET)].filter(fits),
      ...draftSockets(dataDir, env),
    ]),
  ];
}

/** Sockets of daemons that didn't get the directory (yet), and those that lie elsewhere. */
export function draftSockets(dataDir: string, env: Readonly<Record<string, string | undefined>>): string[] {
  const mark = `${markOf(dataDir)}.`;
  return [
    ...namesIn(dataDir, 'daemon.').filter((name) => name !== join(dataDir, SOCKET)),
    ...runtimeDirectories(env)
      .filter(isOursAlone)
      .flatMap((directory) => namesIn(directory, mark)),
  ].filter((name) => name.endsWith('.sock'));
}

function namesIn(directory: string, prefix: string): string[] {
  try {
    const names = readdirSync(directory).filter((name) => name.startsWith(prefix));
    return names.map((name) => join(directory, name));
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return [];
    throw error;
  }
}

function readNote(file: string): string | null {
  try {
    return readFileSync(file, 'utf8').trim() || null;
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return null;
    throw error;
  }
}
