import type { LineCounter } from 'yaml';

/** Where in the configuration: keys and indices from the top. */
export type Path = readonly (string | number)[];

export interface Position {
  /** Both from 1. */
  line: number;
  column: number;
}

/** A path as a message shows it: `jobs.nightly.events[0].stage`. */
export function pathText(path: Path): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? withoutValue(part) : `${text}.${withoutValue(part)}`;
  }, '');
}

/** A key; of one that has swallowed its value, which may be a password, no more than the key. */
export function withoutValue(key: string): string {
  return key.replace(/^([\w-]+):\S.*$/s, '$1:…');
}

/** A path as the key of a map: equal for equal paths only, whatever is in them. */
export function pathKey(path: Path): string {
  return JSON.stringify(path);
}

/** Where each key and value of a YAML text stands. */
export class Positions {
  readonly #lines: LineCounter;
  readonly #keys = new Map<string, number>();
  readonly #values = new Map<string, number>();

  constructor(lines: LineCounter) {
    this.#lines = lines;
  }

  addKey(path: Path, offset: number): void {
    this.#keys.set(pathKey(path), offset);
  }

  addValue(path: Path, offset: number): void {
    this.#values.set(pathKey(path), offset);
  }

  /**
   * The position of a value or its key; of what isn't there, that of the nearest thing around it. An index
   * has no key, so its value stands for it; a key without a value stands for the value.
   */
  locate(path: Path, at: 'key' | 'value' = 'value'): Position {
    const [first, second] = at === 'key' ? [this.#keys, this.#values] : [this.#values, this.#keys];
    const key = pathKey(path);
    const offset = first.get(key) ?? second.get(key);
    if (offset !== undefined) return this.at(offset);
    return path.length === 0 ? { line: 1, column: 1 } : this.locate(path.slice(0, -1), 'key');
  }

  /** The position of a character of the text, counted from 0. */
  at(offset: number): Position {
    const { line, col } = this.#lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  }
}
