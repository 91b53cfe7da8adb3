import type { Document } from '../../../src/homeassistant/device-document.ts';
import {
  bridgeDocument,
  jobDocument,
  moveDocument,
  workerDocument,
} from '../../../src/homeassistant/documents.ts';
import { shownHolds } from '../../../src/homeassistant/entities/bridge.ts';
import type { ShownFileSystem } from '../../../src/homeassistant/entities/file-systems.ts';

export const FRAME = { prefix: 'homeassistant', base: 'farm/Züri-1', instance: 'abc123', version: '1.2.3' };
export const PATHS = [
  '/',
  '/mnt/farm',
  '/mnt/farm-1',
  '/mnt/farm_1',
  '/mnt/Farm',
  `/mnt/{{ "a" }} 'b' \\ %} ü`,
];

/** File systems without anything secret in their paths. */
export const openly = (path: string): ShownFileSystem => ({ path, shown: path, nth: 0 });
export const HOLDS = shownHolds(new Map([['cheap-power', { title: 'Expensive "power"' }]]));
export const BRIDGE = bridgeDocument(FRAME, { holds: HOLDS, fileSystems: PATHS.map(openly) });
const LOOK = { title: 'Nightly "plots"', limited: true, phases: ['Forward propagation', 'Copying "it"'] };
export const JOB = jobDocument(FRAME, 'nightly-1', LOOK);
export const METERED_JOB = jobDocument(FRAME, 'nightly-1', { ...LOOK, metered: true });
export const UNLIMITED_JOB = jobDocument(FRAME, 'nightly-1', { ...LOOK, limited: false });
export const WORKER = workerDocument(FRAME, 'nightly-1', LOOK, 2);
export const MOVE = moveDocument(FRAME, 'farm', 'To the "farm"');
export const ALL = { bridge: BRIDGE, job: METERED_JOB, worker: WORKER, move: MOVE };

export type Component = Record<string, unknown>;

export function read(document: Document) {
  const { device, components }: { device: Component; components: Record<string, Component> } = JSON.parse(
    document.payload(true),
  );
  return { device, components };
}

export function componentsOf(document: Document): [key: string, component: Component][] {
  return Object.entries(read(document).components);
}

export const everyComponent = Object.values(ALL).flatMap(componentsOf);
