import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { writeFileAtomic } from '../storage/atomic.ts';
import { codeOf, messageOf } from '../util/errors.ts';
import type { Logger } from '../util/log.ts';
import type { Components } from './documents.ts';

/** Documents that may stand at the broker, by topic. */
export interface Remembered {
  /** What made them: another one means that today's documents may be others. */
  maker: string;
  documents: Map<string, Components>;
}

/** Thousands of documents have a handful of sets of components among them. */
const fileSchema = z.object({
  version: z.literal(1),
  maker: z.string(),
  sets: z.array(z.record(z.string(), z.string())),
  topics: z.record(z.string(), z.number().int().min(0)),
});

/**
 * What was published, in a file of its own in `data_dir`: it is written before a document goes out for the first
 * time, and after one is gone, so that a later run can clear what it finds no reason for any more.
 */
export class Memory {
  readonly #file: string;
  readonly #log: Logger;
  #text = '';

  constructor(file: string, log: Logger) {
    this.#file = file;
    this.#log = log;
  }

  /** What an earlier run wrote. A file that can't be read is no reason not to start: it is said, and left behind. */
  read(): Remembered {
    const nothing = { maker: '', documents: new Map<string, Components>() };
    try {
      this.#text = readFileSync(this.#file, 'utf8');
      const { maker, sets, topics } = fileSchema.parse(JSON.parse(this.#text));
      const documents = Object.entries(topics).map(([topic, set]) => [topic, sets[set] ?? {}] as const);
      return { maker, documents: new Map(documents) };
    } catch (error) {
      if (codeOf(error) !== 'ENOENT')
        this.#log.warn(`what was published for Home Assistant is not known: ${messageOf(error)}`);
      return nothing;
    }
  }

  /** Replaces the file, where there is something new to say. */
  write(maker: string, documents: Iterable<[topic: string, components: Components]>): void {
    const sets: string[] = [];
    const known = new Map<Components | string, number>();
    const indexOf = (components: Components): number => {
      const text = JSON.stringify(components);
      const index = known.get(text) ?? sets.push(text) - 1;
      known.set(text, index).set(components, index);
      return index;
    };
    const topics: Record<string, number> = {};
    for (const [topic, components] of documents) topics[topic] = known.get(components) ?? indexOf(components);
    const rest = JSON.stringify({ version: 1, maker, topics }).slice(1);
    const text = `{"sets":[${sets.join(',')}],${rest}\n`;
    if (text === this.#text) return;
    try {
      writeFileAtomic(this.#file, text);
      this.#text = text;
    } catch (error) {
      this.#log.error(`what is published for Home Assistant can't be written down: ${messageOf(error)}`);
    }
  }
}
