import { readFile } from 'node:fs/promises';
import { expect, vi } from 'vitest';
import * as z from 'zod';
import type { TestDaemon } from '../e2e/daemon.ts';
import { expectedEntities, expectedStates, fileSystemEntities } from './expected.ts';
import type { HomeAssistant } from './home.ts';

const publishedSchema = z.object({ filesystems: z.record(z.string(), z.int()) });
const fileSystemsSchema = z.object({ filesystems: z.array(z.object({ path: z.string() })).optional() });

/** How long things may take that go through several programs. */
export const SOON = { timeout: 40_000, interval: 200 };

const infoSchema = z.object({ instance: z.string() });

/**
 * Everything in step: what the registries have of a daemon is what there is to be, and shows what it says.
 * @param more names of holds that have a switch; entities that their user has given another id, by the one that they had
 */
export async function inStep(
  home: HomeAssistant,
  daemon: TestDaemon,
  jobs: Record<string, number>,
  {
    holds = [],
    renamed = {},
  }: { holds?: readonly string[]; renamed?: Readonly<Record<string, string>> } = {},
): Promise<void> {
  const { base } = daemon.bus;
  const named = (id: string) => renamed[id] ?? id;
  await vi.waitFor(async () => {
    const { instance } = infoSchema.parse(daemon.bus.object('bridge/info'));
    const { filesystems = [] } = fileSystemsSchema.parse(daemon.bus.object('host/filesystems'));
    // Those that went stay, unavailable.
    const published = await readFile(daemon.path('data', 'homeassistant.json'), 'utf8');
    const disks = Object.keys(publishedSchema.parse(JSON.parse(published)).filesystems).map(slug);
    const there = new Set(filesystems.map(({ path }) => slug(path)));
    const away = disks.filter((disk) => !there.has(disk)).flatMap((disk) => fileSystemEntities(base, disk));
    const own = (await home.entities()).filter(({ unique_id }) =>
      unique_id.startsWith(`plot2mqtt__${instance}__`),
    );
    const entities = own.map(({ entity_id }) => entity_id).sort();
    const switches = holds.map((name) => `switch.${base}_hold_${name}`);
    expect(entities.map((id) => id.replace(/_[0-9a-f]{6}$/, ''))).toEqual(
      [...expectedEntities(base, jobs, disks), ...switches].map(named).sort(),
    );
    const states = await home.states();
    const wanted = expectedStates(daemon.bus, jobs);
    const seen = new Map([...wanted.keys()].map((id) => [id, states.get(named(id))?.state]));
    for (const [id, state] of wanted) if (Number(state) === Number(seen.get(id))) seen.set(id, state);
    expect(seen).toEqual(wanted);
    const unavailable = entities.filter((id) => states.get(id)?.state === 'unavailable');
    expect(unavailable).toEqual(away.toSorted());
  }, SOON);
}

function slug(path: string): string {
  return path
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter(Boolean)
    .join('_');
}
