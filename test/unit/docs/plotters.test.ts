import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';

it('the shares of a plotter’s stages in docs/plotters.md are numbers', async () => {
  const text = await readFile(new URL('../../../docs/plotters.md', import.meta.url), 'utf8');
  const shares = [...text.matchAll(/^\| `\d[\d.]*` \| .+ \| (.+) \|$/gm)].map(([, share]) => share);
  expect(shares.length).toBeGreaterThan(50);
  for (const share of shares) expect(share).toMatch(/^\d+\.\d %$/);
});
