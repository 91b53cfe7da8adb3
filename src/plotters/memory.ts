/** What the lines of one log have set so far. */
export interface Memory {
  readonly values: Map<string, string>;
  /** The value of `of` as a number, kept apart since the most frequent lines ask for it; NaN where it isn't set. */
  of: number;
  /** How far which stage was when a counter last told of it. */
  counted: { stage: string | null; fraction: number };
  /** Whether a value has changed since somebody looked. */
  changed: boolean;
}

/** The memory of a log of which no line was read. */
export function emptyMemory(): Memory {
  return { values: new Map(), of: Number.NaN, counted: { stage: null, fraction: 0 }, changed: false };
}

/** Sets a value that later lines may use; `changed` only where it is another one. */
export function remember(memory: Memory, name: string, value: string): void {
  if (memory.values.get(name) === value) return;
  memory.values.set(name, value);
  if (name === 'of') memory.of = Number(value);
  memory.changed = true;
}
