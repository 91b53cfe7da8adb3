import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { moveFile } from '../../../src/mover/move-file.ts';
import type { MovePoint, MoveTask } from '../../../src/mover/move-task.ts';

const SHM = '/dev/shm';
/** Whether there is a second file system to which anybody may write. */
export const HAS_OTHER_DISK = existsSync(SHM) && statSync(SHM).dev !== statSync(tmpdir()).dev;

/** The host goes down: nothing is cleaned up. */
export class PowerCut extends Error {}

/** A plot, where it comes from and where it goes to. */
export interface World {
  from: string;
  to: string;
  file: string;
  content: Buffer;
  /** What is in both directories, and whether the plot's name has its content there. */
  names(): { from: string[]; to: string[] };
  whole(): ('from' | 'to')[];
  /** Moves it, as the file is now or was found at first; it may end at a point, or do something there. */
  move(at?: Partial<Record<MovePoint, () => void>>): Promise<string>;
  stop(): void;
  note: string;
  task: MoveTask;
}

export function world(kind: 'same disk' | 'other disk', bytes = 3_000_001): World {
  const folder = (where: string) => {
    const made = mkdtempSync(join(where, 'plot2mqtt-move-'));
    onTestFinished(() => rmSync(made, { recursive: true, force: true }));
    return made;
  };
  const home = folder(tmpdir());
  const from = join(home, 'from');
  mkdirSync(from);
  const to = kind === 'same disk' ? join(home, 'to') : folder(SHM);
  mkdirSync(to, { recursive: true });
  const file = join(from, 'a.plot');
  const content = Buffer.alloc(bytes, 'plot2mqtt');
  content.writeUInt32LE(bytes, Math.floor(bytes / 2));
  writeFileSync(file, content, { mode: 0o640 });
  const note = join(home, 'note.json');
  const found = statSync(file, { bigint: true });
  const task: MoveTask = {
    ...{ file, to, note },
    expected: {
      ...{ size: String(found.size), ino: String(found.ino), mtime_ns: String(found.mtimeNs) },
      device: String(found.dev),
    },
  };
  let stopped = false;
  const isWhole = (dir: string) =>
    statSync(join(dir, 'a.plot'), { throwIfNoEntry: false })?.isFile() === true &&
    readFileSync(join(dir, 'a.plot')).equals(content);
  return {
    ...{ from, to, file, content, note, task },
    names: () => ({ from: readdirSync(from).sort(), to: readdirSync(to).sort() }),
    whole: () => [...(isWhole(from) ? (['from'] as const) : []), ...(isWhole(to) ? (['to'] as const) : [])],
    move: (at = {}) =>
      moveFile(task, { isStopped: () => stopped, copied: () => {}, at: (point) => at[point]?.() }),
    stop: () => {
      stopped = true;
    },
  };
}

export function cut(): never {
  throw new PowerCut('the power is cut');
}
