import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { openJournal } from '../../../src/storage/journal/journal.ts';
import { temporaryDirectory } from '../../support/directory.ts';
import { bundledChild } from './support/child.ts';
import { collectingLog } from './support/log.ts';

const KILLS = 20;

/** Kills a writer once it has said `lines` lines more, and returns the last number it said was written. */
async function killAfter(program: string, dir: string, lines: number) {
  const child = spawn(process.execPath, [program, dir], { stdio: ['ignore', 'pipe', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  let heard = 0;
  let acknowledged = 0;
  const closed = once(child, 'close');
  for await (const line of createInterface({ input: child.stdout })) {
    acknowledged = Number(line);
    heard += 1;
    if (heard === lines) child.kill('SIGKILL');
  }
  await closed;
  return { acknowledged, errors };
}

test('whatever a killed writer had acknowledged is there, and nothing is torn', async () => {
  const dir = temporaryDirectory();
  const program = await bundledChild('append-loop');
  for (let kill = 1; kill <= KILLS; kill++) {
    const { acknowledged, errors } = await killAfter(program, dir, 1 + Math.floor(Math.random() * 120));
    expect(errors).toBe('');
    const told = collectingLog();
    const journal = openJournal(dir, { format: 'test', version: 1, log: told.log });
    journal.close();
    const before = typeof journal.snapshot === 'number' ? journal.snapshot : 0;
    expect([...told.errors, ...told.warnings]).toEqual([]);
    expect(journal.entries.map((entry) => Object(entry).number)).toEqual(
      journal.entries.map((_, index) => before + index),
    );
    const written = before + journal.entries.length;
    // One may have been written that it had no time to tell of.
    expect(written - acknowledged).toBeGreaterThanOrEqual(0);
    expect(written - acknowledged).toBeLessThanOrEqual(1);
  }
}, 60_000);
