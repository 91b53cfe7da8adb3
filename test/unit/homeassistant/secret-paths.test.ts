import { expect, test } from 'vitest';
import { createMask } from '../../../src/config/mask.ts';
import { shownFileSystems } from '../../../src/daemon/publishing/device-reader.ts';
import { bridgeDocument, isFreeName } from '../../../src/homeassistant/documents.ts';
import { render } from './jinja.ts';
import { FRAME, read } from './samples.ts';

const mask = createMask(['canary-one', 'canary-two']);
const disk = (path: string, gib: number) => ({ path, free_bytes: gib * 1024 ** 3 });
const DISKS = [disk('/mnt/canary-one/plots', 1), disk('/mnt/farm', 2), disk('/mnt/canary-two/plots', 3)];

function sensors() {
  const document = bridgeDocument(FRAME, { holds: [], fileSystems: shownFileSystems(DISKS, mask) });
  const { components } = read(document);
  return Object.entries(components).filter(([key]) => key.startsWith('free_space'));
}

test('file systems that look the same keep a sensor each, which shows its own', () => {
  const host = JSON.stringify({
    filesystems: DISKS.map(({ path, ...rest }) => ({ ...rest, path: mask(path) })),
  });
  const shown = sensors().map(([, { name, value_template }]) => [name, render(String(value_template), host)]);
  expect(shown).toEqual([
    ['Free space /mnt/***/plots', '1'],
    ['Free space /mnt/farm', '2'],
    ['Free space /mnt/***/plots', '3'],
  ]);
  // Before the figures are there.
  for (const [, { value_template }] of sensors())
    expect(render(String(value_template), '{"filesystems":[]}')).toBe('None');
});

test('their ids are distinct, the same each time, and say nothing; others keep theirs', () => {
  const keys = sensors().map(([key]) => key);
  expect(new Set(keys).size).toBe(3);
  expect(keys).toEqual(sensors().map(([key]) => key));
  expect(keys[1]).toBe('free_space_mnt_farm');
  for (const key of [keys[0], keys[2]]) expect(key).toMatch(/^free_space_mnt_plots_[0-9a-f]{8}$/);
});

test('only names that are no words of ours are text of free form in a document', () => {
  const isFree = isFreeName('plot2mqtt');
  expect(isFree(['device', 'name'], 'Nightly')).toBe(true);
  expect(isFree(['device', 'name'], 'plot2mqtt')).toBe(false);
  expect(isFree(['device', 'model'], 'Job')).toBe(false);
  expect(isFree(['components', 'phase', 'options'], 'Copying to /mnt/x')).toBe(true);
  expect(isFree(['components', 'state', 'options'], 'idle')).toBe(false);
  expect(isFree(['components', 'pause', 'name'], 'Pause')).toBe(false);
  expect(isFree(['components', 'x', 'name'], 'Last plot')).toBe(false);
  expect(isFree(['components', 'x', 'name'], 'Free space /mnt/plot')).toBe(true);
  expect(isFree(['components', 'x', 'value_template'], '{{ plot }}')).toBe(false);
  expect(isFree(['origin', 'name'], 'plot2mqtt')).toBe(false);
});
