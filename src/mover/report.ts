/** Whose fault a failure is: what can't be read, what can't be written, or neither's. */
export type FailedSide = 'source' | 'destination' | 'other';

/** What a mover says on its standard output: a line of JSON each, the last of which says how it ended. */
export type MoverLine =
  /** Bytes that are written so far. */
  | { copied: number }
  /** The plot is whole in its destination, and in no other place. */
  | { moved: HowMoved }
  /**
   * `pinned`: it may be whole in its destination already, so that another try has to be made there and nowhere else.
   * `gone`: it is neither where it was nor in its destination, so that no other try is to be made.
   */
  | { failed: string; side: FailedSide; pinned: boolean; gone?: boolean }
  /** It was told to stop, and has left nothing behind. */
  | { stopped: true };

/** By a rename on its file system, by a copy, or it was there already. */
export type HowMoved = 'renamed' | 'copied' | 'found';

/** Why a plot was not moved. */
export class MoveFailure extends Error {
  override readonly name = 'MoveFailure';
  readonly side: FailedSide;
  readonly pinned: boolean;
  readonly gone: boolean;

  constructor(side: FailedSide, message: string, { pinned = false, gone = false } = {}) {
    super(message);
    this.side = side;
    this.pinned = pinned;
    this.gone = gone;
  }
}

/** It was told to stop. */
export class MoveStopped extends Error {
  override readonly name = 'MoveStopped';
}

/** What a line of a mover says; `null` where it is none: something else has printed it, or it is torn. */
export function parseMoverLine(text: string): MoverLine | null {
  let line: unknown;
  try {
    line = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof line !== 'object' || line === null) return null;
  if ('copied' in line) return typeof line.copied === 'number' ? { copied: line.copied } : null;
  if ('moved' in line) {
    const { moved } = line;
    return moved === 'renamed' || moved === 'copied' || moved === 'found' ? { moved } : null;
  }
  if ('stopped' in line) return { stopped: true };
  if (!('failed' in line && 'side' in line && 'pinned' in line)) return null;
  const { failed, side, pinned } = line;
  const gone = 'gone' in line && line.gone === true;
  const isSide = side === 'source' || side === 'destination' || side === 'other';
  if (typeof failed !== 'string' || !isSide || typeof pinned !== 'boolean') return null;
  return { failed, side, pinned, gone };
}
