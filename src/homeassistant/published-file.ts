import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { writeFileAtomic } from '../storage/atomic.ts';
import { codeOf, messageOf } from '../util/errors.ts';
import type { Logger } from '../util/log.ts';
import type { Components } from './device-document.ts';

type TopicComponents = [topic: string, components: Components];

/** Documents that may stand at the broker, by topic. */
export interface PublishedBefore {
  /** What made them: another one means that today's documents may be others. */
  maker: string;
  documents: Map<string, Components>;
  /** Those that were cleared, which Home Assistant may not know. */
  removals: Map<string, Components>;
  /** File systems by mount point, each with the day, since 1970, on which it was last seen. */
  fileSystems: Record<string, number>;
}

const topicsSchema = z.record(z.string(), z.number().int().min(0));

/** Thousands of documents have a handful of sets of components among them. */
const fileSchema = z.object({
  version: z.literal(1),
  maker: z.string(),
  sets: z.array(z.record(z.string(), z.string())),
  topics: topicsSchema,
  /** The removals; the file calls them so since its first version. */
  graves: topicsSchema,
  /** 0.1.0 knows none. */
  filesystems: z.record(z.string(), z.int()).default({}),
});

/** A file that can't be written is tried again so often, in milliseconds. */
const RETRY_MS = 30_000;

/** The base topic of the run that wrote such a file; none where nothing says it. Of 0.1.0 nothing else does. */
export function formerBaseTopic(file: string): string[] {
  try {
    const { maker } = fileSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
    return [maker.slice(maker.indexOf(' ') + 1)];
  } catch {
    return [];
  }
}

/**
 * What was published, in a file of its own in `data_dir`: it is written before a document goes out for the first
 * time, and after one is gone, so that a later run can clear what it finds no reason for any more.
 */
export class PublishedFile {
  readonly #file: string;
  readonly #log: Logger;
  #text = '';
  #retry: NodeJS.Timeout | undefined;

  constructor(file: string, log: Logger) {
    this.#file = file;
    this.#log = log;
  }

  /** What an earlier run wrote. A file that can't be read is no reason not to start: it is said, and left behind. */
  read(): PublishedBefore {
    try {
      this.#text = readFileSync(this.#file, 'utf8');
      const { maker, sets, topics, graves, filesystems } = fileSchema.parse(JSON.parse(this.#text));
      const withSets = (record: Record<string, number>) =>
        new Map(Object.entries(record).map(([topic, set]) => [topic, sets[set] ?? {}]));
      return { maker, documents: withSets(topics), removals: withSets(graves), fileSystems: filesystems };
    } catch (error) {
      if (codeOf(error) !== 'ENOENT')
        this.#log.warn(`what was published for Home Assistant is not known: ${messageOf(error)}`);
      return { maker: '', documents: new Map(), removals: new Map(), fileSystems: {} };
    }
  }

  /** Replaces the file, where there is something new to say. */
  write(
    maker: string,
    documents: Iterable<TopicComponents>,
    removals: Iterable<TopicComponents>,
    fileSystems: PublishedBefore['fileSystems'],
  ): void {
    const sets: string[] = [];
    const known = new Map<Components | string, number>();
    const indexOf = (components: Components): number => {
      const text = JSON.stringify(components);
      const index = known.get(text) ?? sets.push(text) - 1;
      known.set(text, index).set(components, index);
      return index;
    };
    const byTopic = (entries: Iterable<TopicComponents>) => {
      const record: Record<string, number> = {};
      for (const [topic, components] of entries) record[topic] = known.get(components) ?? indexOf(components);
      return record;
    };
    const rest = {
      version: 1,
      maker,
      topics: byTopic(documents),
      graves: byTopic(removals),
      filesystems: fileSystems,
    };
    const text = `{"sets":[${sets.join(',')}],${JSON.stringify(rest).slice(1)}\n`;
    clearTimeout(this.#retry);
    if (text !== this.#text) this.#replace(text, true);
  }

  /** Gives up what the disk hasn't taken: the file is another one's from now on. */
  stop(): void {
    clearTimeout(this.#retry);
  }

  /** A disk that takes nothing is tried again until it does, or until there is something newer to say. */
  #replace(text: string, first: boolean): void {
    try {
      writeFileAtomic(this.#file, text);
      this.#text = text;
    } catch (error) {
      if (first)
        this.#log.error(`what is published for Home Assistant can't be written down: ${messageOf(error)}`);
      this.#retry = setTimeout(() => this.#replace(text, false), RETRY_MS).unref();
    }
  }
}
