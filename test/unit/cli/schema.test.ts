import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { schemaText } from '../../../src/cli/schema.ts';

const root = new URL('../../../', import.meta.url);
const read = (name: string) => readFile(new URL(name, root), 'utf8');

it('docs/config.schema.json is what `plot2mqtt schema` prints', async () => {
  expect(JSON.parse(await read('docs/config.schema.json'))).toEqual(JSON.parse(schemaText()));
});

it('config.yaml names the schema in its first line, and the schema knows its keys', async () => {
  const text = await read('config.yaml');
  expect(text.split('\n')[0]).toBe('# yaml-language-server: $schema=docs/config.schema.json');
  const schema = JSON.parse(schemaText());
  expect(Object.keys(schema.properties)).toEqual(expect.arrayContaining(Object.keys(parse(text))));
  const job = schema.properties.jobs.additionalProperties;
  expect(Object.keys(job.properties)).toEqual(expect.arrayContaining(Object.keys(parse(text).jobs.demo)));
  expect(job.required).toEqual(['plotter']);
  expect(job.additionalProperties).toBe(false);
});

it('durations are numbers or texts, and every section is described', () => {
  const { properties } = JSON.parse(schemaText());
  expect(properties.jobs.additionalProperties.properties.stop_grace.anyOf).toEqual([
    { type: 'number', minimum: 0 },
    { type: 'string', pattern: expect.stringContaining('[smhd]') },
  ]);
  for (const section of Object.values(properties)) expect(section).toHaveProperty('description');
});
