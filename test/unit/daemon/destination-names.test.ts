import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import {
  notedDestination,
  noteDestination,
  wasInDestination,
} from '../../../src/daemon/destination-names.ts';
import { temporaryDirectory } from '../../support/directory.ts';

/** A worker's own directory, and a destination with one file. */
function places() {
  const own = temporaryDirectory();
  const destination = temporaryDirectory();
  writeFileSync(join(destination, 'first'), '');
  return { own, destination, note: join(own, 'destination.json') };
}

it.each([0, 1, 20])('a note of which a full disk took %i bytes is written again', async (bytes) => {
  const { own, destination, note } = places();
  await noteDestination(own, destination);
  writeFileSync(note, readFileSync(note).subarray(0, bytes));
  expect(notedDestination(own)).toBe(null);
  await noteDestination(own, destination);
  expect(wasInDestination(own, 'first')?.there).toBe(true);
  expect(readdirSync(own)).toEqual(['destination.json']);
});

it('what was noted whole stays, whatever came into the destination since', async () => {
  const { own, destination } = places();
  await noteDestination(own, destination);
  const noted = notedDestination(own);
  writeFileSync(join(destination, 'second'), '');
  await noteDestination(own, destination);
  expect(notedDestination(own)).toEqual(noted);
  expect(wasInDestination(own, 'second')?.there).toBe(false);
});

it('a plotter is not kept from starting by a note that can’t be written', async () => {
  const { own, destination } = places();
  await noteDestination(join(own, 'gone'), destination);
  await noteDestination(own, join(destination, 'gone'));
  expect(notedDestination(own)).toBe(null);
});
