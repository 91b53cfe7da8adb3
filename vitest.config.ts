import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import LongestFirst from './test/support/longest-first.ts';
import { longFiles } from './test/survival/support/long-files.ts';
import { LONG } from './test/survival/support/size.ts';

/** How long what comes is waited for where a test doesn't say: beside others, Vitest's own second is little. */
const PATIENT = { poll: { timeout: 10_000 } };

export default defineConfig({
  test: {
    // Vitest itself leaves a processor out: half of a machine that has two. Tests wait for processes and disks mostly.
    maxWorkers: availableParallelism() + 1,
    sequence: { sequencer: LongestFirst },
    reporters: ['default', './test/support/closing-line.ts'],
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'], testTimeout: 20_000, expect: PATIENT } },
      {
        test: {
          name: 'survival',
          // The long run is for what has a long version: all else is the same in the quick one, which `npm test` runs.
          include: LONG ? longFiles() : ['test/survival/**/*.test.ts'],
          globalSetup: './test/support/e2e/program.ts',
          testTimeout: 600_000,
          expect: PATIENT,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: './test/support/e2e/program.ts',
          testTimeout: 120_000,
          expect: PATIENT,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
