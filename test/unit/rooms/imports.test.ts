import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const src = fileURLToPath(new URL('../../../src', import.meta.url));

/** The rooms of each floor, from the ground up: a file imports from its own floor or below (CONTRIBUTING.md). */
const FLOORS = [
  ['contract', 'util'],
  ['config', 'storage', 'host', 'control'],
  ['plotters', 'process', 'mover'],
  ['engine'],
  ['mqtt', 'homeassistant'],
  ['daemon', 'cli', 'simulator', 'main.ts', 'program.ts'],
] as const;

/** Neighbours on one floor that know nothing of each other. */
const STRANGERS: Readonly<Record<string, readonly string[]>> = {
  contract: ['util'],
  plotters: ['process', 'mover'],
  process: ['plotters', 'mover'],
  mover: ['plotters', 'process'],
  mqtt: ['homeassistant'],
  homeassistant: ['mqtt'],
  daemon: ['cli', 'simulator', 'program.ts', 'main.ts'],
  simulator: ['cli', 'daemon', 'program.ts', 'main.ts'],
};

/** What these rooms may take from outside the project: data has no ways, rules have no clock, file or process. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  contract: ['zod'],
  // What is kept is read by schemas.
  engine: ['node:path', 'node:crypto', 'zod'],
};

interface Import {
  file: string;
  room: string;
  /** A file below src, or a package. */
  to: string;
  isPackage: boolean;
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(src, file), 'utf8');
  const found = text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*'([^']+)'/g);
  return [...found].map(([, to = '']) => {
    const isPackage = !to.startsWith('.');
    return { file, room: roomOf(file), to: isPackage ? to : normalize(join(dirname(file), to)), isPackage };
  });
}

function roomOf(file: string): string {
  return file.split('/')[0] ?? '';
}

function floorOf(room: string): number {
  return FLOORS.findIndex((rooms) => rooms.some((each) => each === room));
}

const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
const imports = files.flatMap(importsOf);
const told = (wrong: readonly Import[]) => wrong.map(({ file, to }) => `${file} imports ${to}`);

it('every file stands in a room', () => {
  expect(files.filter((file) => floorOf(roomOf(file)) === -1)).toEqual([]);
  expect(imports.length).toBeGreaterThan(files.length);
});

it('a file imports from its own floor or below', () => {
  const wrong = imports.filter(
    ({ room, to, isPackage }) => !isPackage && floorOf(roomOf(to)) > floorOf(room),
  );
  expect(told(wrong)).toEqual([]);
});

it('rooms that are strangers know nothing of each other', () => {
  expect(
    told(imports.filter(({ room, to, isPackage }) => !isPackage && STRANGERS[room]?.includes(roomOf(to)))),
  ).toEqual([]);
});

it('the contract is data, and the engine pure', () => {
  const wrong = imports.filter(
    ({ room, to, isPackage }) => isPackage && PACKAGES[room] !== undefined && !PACKAGES[room].includes(to),
  );
  expect(told(wrong)).toEqual([]);
});
