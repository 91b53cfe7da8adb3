import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

const PAGES = [
  'README.md',
  ...['docs', 'homeassistant'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.md'))
      .map((name) => join(folder, name)),
  ),
];

/** Files of the project in code, such as `src/engine/jobs/holds.ts`; what isn't a path is a topic of Home Assistant. */
const NAMED = /`((?:src|test|scripts)\/[^`\s*<>{}]*)`/g;
const LINKED = /\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#[^)]*)?\)/g;

/** What a page names that isn't there, as it stands on the page. */
function missingOn(page: string, text: string): string[] {
  const named = [...text.matchAll(NAMED)].map(([, path = '']) => [path, join(ROOT, path)] as const);
  const linked = [...text.matchAll(LINKED)].map(
    ([, path = '']) => [path, join(ROOT, dirname(page), path)] as const,
  );
  return [...named, ...linked].filter(([, file]) => !existsSync(file)).map(([path]) => path);
}

describe('files that the documentation names are there', () => {
  it.each(PAGES)('%s', (page) => {
    expect(missingOn(page, readFileSync(join(ROOT, page), 'utf8'))).toEqual([]);
  });

  it('one that is missing is found', () => {
    const text = 'see `src/nowhere.ts`, [that](../docs/none.md#part) and [this](gates.md)';
    expect(missingOn('docs/x.md', text)).toEqual(['src/nowhere.ts', '../docs/none.md']);
  });
});
