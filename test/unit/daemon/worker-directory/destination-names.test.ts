import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import {
  noteDestination,
  notedDestination,
} from '../../../../src/daemon/worker-directory/destination-names.ts';
import { temporaryDirectory } from '../../../support/directory.ts';

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
  expect(notedDestination(own)?.found?.names).toEqual(['first']);
  expect(readdirSync(own)).toEqual(['destination.json']);
});

it('what was noted whole stays, whatever came into the destination since', async () => {
  const { own, destination } = places();
  await noteDestination(own, destination);
  const noted = notedDestination(own);
  writeFileSync(join(destination, 'second'), '');
  await noteDestination(own, destination);
  expect(notedDestination(own)).toEqual(noted);
});

it('a plotter is not kept from starting by a note that can’t be written', async () => {
  const { own, destination } = places();
  await noteDestination(join(own, 'gone'), destination);
  expect(notedDestination(join(own, 'gone'))).toBe(null);
});

it('a destination that can’t be looked at is noted as that, which is no loss', async () => {
  const { own, destination } = places();
  await noteDestination(own, join(destination, 'gone'));
  expect(notedDestination(own)).toMatchObject({ found: null });
});

it('a note of which a bit was flipped is not believed', async () => {
  const { own, destination, note } = places();
  await noteDestination(own, destination);
  const whole = readFileSync(note);
  for (let bit = 0; bit < whole.length * 8; bit += 1) {
    const damaged = Buffer.from(whole);
    damaged.writeUInt8(damaged.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
    writeFileSync(note, damaged);
    // Of its last newline nothing depends.
    if (bit >> 3 < whole.length - 1) expect(notedDestination(own), `bit ${bit}`).toBe(null);
  }
});
