import { configJsonSchema } from '../config/schema/config.ts';

/** What `plot2mqtt schema` prints: the JSON Schema of config.yaml, as docs/config.schema.json holds it. */
export function schemaText(): string {
  return `${JSON.stringify(configJsonSchema(), null, 2)}\n`;
}
