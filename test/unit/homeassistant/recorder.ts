import * as z from 'zod';
import type { Document } from '../../../src/homeassistant/device-document.ts';
import { filterMatches } from '../../../src/mqtt/filter-matches.ts';
import { render } from './jinja.ts';

const componentSchema = z.object({
  platform: z.string(),
  default_entity_id: z.string().optional(),
  state_topic: z.string().optional(),
  value_template: z.string().optional(),
  json_attributes_template: z.string().optional(),
  enabled_by_default: z.boolean().default(true),
});
const documentSchema = z.object({ components: z.record(z.string(), componentSchema) });
type Component = z.infer<typeof componentSchema>;

/**
 * Counts what Home Assistant's recorder would write: a row for each change of an entity's state or attributes, and one
 * for each event. Entities that are disabled at first have none.
 */
export class Recorder {
  readonly #entities: Component[];
  readonly #last = new Map<Component, string>();
  readonly #rows = new Map<string, number>();

  constructor(documents: readonly Document[]) {
    const contents = documents.map((document) => documentSchema.parse(JSON.parse(document.payload(true))));
    this.#entities = contents
      .flatMap(({ components }) => Object.values(components))
      .filter(({ state_topic, enabled_by_default }) => state_topic !== undefined && enabled_by_default);
  }

  hear(topic: string, payload: string): void {
    for (const entity of this.#entities)
      if (filterMatches(entity.state_topic ?? '', topic)) this.#take(entity, payload);
  }

  #take(entity: Component, payload: string): void {
    const { platform, value_template, json_attributes_template, default_entity_id = '' } = entity;
    const state = value_template === undefined ? payload : render(value_template, payload);
    if (platform === 'event') {
      if (state.trim() !== '') this.#count(default_entity_id);
      return;
    }
    const attributes =
      json_attributes_template === undefined ? '' : render(json_attributes_template, payload);
    const row = `${state} ${attributes}`;
    if (this.#last.get(entity) === row) return;
    this.#last.set(entity, row);
    this.#count(default_entity_id);
  }

  #count(entity: string): void {
    this.#rows.set(entity, (this.#rows.get(entity) ?? 0) + 1);
  }

  /** Rows by entity since the last call. */
  take(): Map<string, number> {
    const rows = new Map(this.#rows);
    this.#rows.clear();
    return rows;
  }
}
