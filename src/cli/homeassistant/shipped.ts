import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

/** A file for Home Assistant's configuration directory. */
export interface ShippedFile {
  /** Where it goes, below that directory, with `/`. */
  path: string;
  content: Buffer;
}

/** What is copied (contract, section 1): a file, or the YAML files that lie in a folder. */
type Shipment = { from: string; to: string } & ({ file: string } | { folder: true });

/** The card, as the build leaves it; its name is what HACS and the README know it by. */
export const CARD = 'www/plot2mqtt.js';
export const PACKAGE = 'packages/plot2mqtt.yaml';
export const DASHBOARDS = 'plot2mqtt';

const SHIPMENTS: readonly Shipment[] = [
  { from: 'dist', file: 'plot2mqtt.js', to: 'www' },
  {
    from: 'homeassistant/blueprints/automation/plot2mqtt',
    folder: true,
    to: 'blueprints/automation/plot2mqtt',
  },
  { from: 'homeassistant/packages', file: 'plot2mqtt.yaml', to: 'packages' },
  { from: 'homeassistant', folder: true, to: DASHBOARDS },
];

/**
 * What this installation of plot2mqtt has for Home Assistant.
 * @param program the directory of its package, in which dist/ and homeassistant/ are
 * @returns `missing`: files that belong there and aren't, as where nothing was built yet
 * @throws what reading throws
 */
export function shippedFiles(program: string): { files: ShippedFile[]; missing: string[] } {
  const files: ShippedFile[] = [];
  const missing: string[] = [];
  for (const shipment of SHIPMENTS) {
    const from = join(program, shipment.from);
    const names = 'file' in shipment ? [shipment.file] : yamlIn(from);
    if (names.length === 0) missing.push(from);
    for (const name of names) {
      const source = join(from, name);
      if (existsSync(source))
        files.push({ path: posix.join(shipment.to, name), content: readFileSync(source) });
      else missing.push(source);
    }
  }
  return { files, missing };
}

function yamlIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const found = readdirSync(folder, { withFileTypes: true });
  return found.filter((each) => each.isFile() && each.name.endsWith('.yaml')).map(({ name }) => name);
}
