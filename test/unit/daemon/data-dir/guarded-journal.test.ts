import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { guardedJournal } from '../../../../src/daemon/data-dir/guarded-journal.ts';
import { openJournal } from '../../../../src/storage/journal/journal.ts';
import { temporaryDirectory } from '../../../support/directory.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

function opened(dir: string) {
  const found = openJournal(dir, { format: 'test', version: 1, log: pino({ level: 'silent' }) });
  const journal = guardedJournal(found.writer, { verify: () => {} });
  return { journal, many: found.entries.length, entries: new WeakRef(found.entries) };
}

it('what was found in the journal is not kept by who writes it', async () => {
  const dir = temporaryDirectory();
  const first = opened(dir);
  first.journal.append({ a: 'step' });
  first.journal.close();
  const { journal, many, entries } = opened(dir);
  expect(many).toBe(1);
  await new Promise(setImmediate);
  collectGarbage();
  expect(entries.deref()).toBeUndefined();
  journal.append({ another: 'step' });
  journal.close();
});
