/** One plot that is to be moved. */
export interface MoveTask {
  /** Absolute, as are the directory that it goes to, and the file in which is noted what was written there. */
  file: string;
  to: string;
  note: string;
  /**
   * How the plot was found: another file of its name is left alone. `mtime_ns`: nanoseconds since 1970; `device`: as
   * stat(2) had it then, by which a directory is known whose disk isn't there.
   */
  expected: { size: string; ino: string; mtime_ns: string; device: string };
}

/** Where a move may be when its host goes down; for tests, which stop there. */
export const MOVE_POINTS = [
  ...['begun', 'noted', 'made', 'named', 'copied', 'flushed', 'linked', 'placed', 'durable', 'aside'],
  'removed',
] as const;
export type MovePoint = (typeof MOVE_POINTS)[number];

export interface MoveWatch {
  /** Whether it is to stop: it does where that leaves nothing behind, and else goes on to its end. */
  isStopped(): boolean;
  /** So many bytes are copied. */
  copied(bytes: number): void;
  /** It is at this point. */
  at(point: MovePoint): void;
}
