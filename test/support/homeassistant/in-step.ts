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

/** Everything in step: what the registries have is what there is to be, and shows what the daemon says. */
export async function inStep(
  home: HomeAssistant,
  daemon: TestDaemon,
  jobs: Record<string, number>,
): Promise<void> {
  await vi.waitFor(async () => {
    const { filesystems = [] } = fileSystemsSchema.parse(daemon.bus.object('host/filesystems'));
    // Those that went stay, unavailable.
    const published = await readFile(daemon.path('data', 'homeassistant.json'), 'utf8');
    const disks = Object.keys(publishedSchema.parse(JSON.parse(published)).filesystems).map(slug);
    const there = new Set(filesystems.map(({ path }) => slug(path)));
    const away = disks
      .filter((disk) => !there.has(disk))
      .flatMap((disk) => fileSystemEntities('plot2mqtt', disk));
    const entities = (await home.entities()).map(({ entity_id }) => entity_id).sort();
    expect(entities.map((id) => id.replace(/_[0-9a-f]{6}$/, ''))).toEqual(
      expectedEntities('plot2mqtt', jobs, disks),
    );
    const states = await home.states();
    const wanted = expectedStates(daemon.bus, jobs);
    const seen = new Map([...wanted.keys()].map((id) => [id, states.get(id)?.state]));
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
