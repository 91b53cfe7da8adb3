/** What the lines of one log have set so far. */
export interface Memory {
  readonly values: Map<string, string>;
  /** How far which stage was when a counter last told of it. */
  counted: { stage: string | null; fraction: number };
}

/** The memory of a log of which no line was read. */
export function emptyMemory(): Memory {
  return { values: new Map(), counted: { stage: null, fraction: 0 } };
}
