import { defineConfig } from 'vitest/config';

/** What the daemon survives. `SURVIVAL=long` runs it at full size. */
export default defineConfig({
  test: {
    name: 'survival',
    root: new URL('../..', import.meta.url).pathname,
    include: ['test/survival/**/*.test.ts'],
    globalSetup: './test/support/e2e/program.ts',
    reporters: ['default', './test/support/closing-line.ts'],
    testTimeout: 600_000,
    hookTimeout: 60_000,
  },
});
