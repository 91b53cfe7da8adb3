// Appends numbers to a journal for ever, compacting now and then, and says on stdout which are written.
import { writeSync } from 'node:fs';
import { destination, pino } from 'pino';
import { openJournal } from '../../../../src/storage/journal/journal.ts';

const [dir = '.'] = process.argv.slice(2);
const journal = openJournal(dir, {
  format: 'test',
  version: 1,
  log: pino({ level: 'error' }, destination(2)),
});
let sum = journal.entries.length + (typeof journal.snapshot === 'number' ? journal.snapshot : 0);
for (;;) {
  // Long enough that one write spans many pages.
  journal.append({ number: sum, filling: 'x'.repeat((sum * 7919) % 20_000) });
  sum += 1;
  writeSync(1, `${sum}\n`);
  if (sum % 25 === 0) journal.compact(sum);
}
