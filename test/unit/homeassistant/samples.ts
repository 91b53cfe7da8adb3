import {
  bridgeDocument,
  type Document,
  jobDocument,
  moveDocument,
  workerDocument,
} from '../../../src/homeassistant/documents.ts';
import type { ShownDirectory } from '../../../src/homeassistant/entities/bridge.ts';

export const FRAME = { prefix: 'homeassistant', base: 'farm/Züri-1', instance: 'abc123', version: '1.2.3' };
export const PATHS = [
  '/',
  '/mnt/farm',
  '/mnt/farm-1',
  '/mnt/farm_1',
  '/mnt/Farm',
  `/mnt/{{ "a" }} 'b' \\ %} ü`,
];

/** Directories without anything secret in their paths. */
export const openly = (path: string): ShownDirectory => ({ path, shown: path, nth: 0 });
export const BRIDGE = bridgeDocument(FRAME, PATHS.map(openly));
export const JOB = jobDocument(FRAME, 'nightly-1', 'Nightly "plots"');
export const METERED_JOB = jobDocument(FRAME, 'nightly-1', 'Nightly "plots"', true);
export const WORKER = workerDocument(FRAME, 'nightly-1', 'Nightly "plots"', 2);
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
