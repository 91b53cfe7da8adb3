import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryDirectory } from '../../support/directory.ts';
import { longFiles } from '../../survival/support/long-files.ts';

const TESTS = join(import.meta.dirname, '../..');
const namesIn = (folder: string) => readdirSync(folder, { recursive: true, encoding: 'utf8' });

test('a test has a long version where it leads to size.ts, in whatever way', () => {
  const folder = temporaryDirectory();
  const files = {
    'support/size.ts': 'export const LONG = true;',
    'support/again.ts': "export * from './size.ts';",
    'support/round.ts': "import './back.ts';",
    'support/back.ts': "import './round.ts';",
    'a/direct.test.ts': "import { LONG } from '../support/size.ts';",
    'a/late.test.ts': "const { LONG } = await import('../support/size.js');",
    'b/over-another.test.ts': 'import { LONG } from "../support/again.ts";',
    'b/without.test.ts': "import '../support/round.ts'; import './not-there.ts';",
  };
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const found = longFiles(folder, join(folder, 'support/size.ts')).map((file) => relative(folder, file));
  expect(found).toEqual(['a/direct.test.ts', 'a/late.test.ts', 'b/over-another.test.ts']);
});

test('only survival tests have a long version, and nothing but size.ts knows whether it is wanted', () => {
  const all = longFiles(TESTS, join(TESTS, 'survival/support/size.ts'));
  expect(all).toEqual(longFiles());
  expect(all).toContain(join(TESTS, 'survival/state/damage.test.ts'));
  // In two pieces, or this very file would be one of them.
  const word = ['SURV', 'IVAL'].join('');
  const knowing = namesIn(TESTS)
    .filter((name) => name.endsWith('.ts'))
    .filter((name) => new RegExp(`\\b${word}\\b`).test(readFileSync(join(TESTS, name), 'utf8')));
  expect(knowing).toEqual(['survival/support/size.ts']);
});
