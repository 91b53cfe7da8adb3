import { mkdir, mkdtemp, rm, cp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { HomeAssistant } from './home.ts';

const BUILT = join(import.meta.dirname, '../../../dist/plot2mqtt.js');

/** A folder of Home Assistant's configuration with the card where it is put by hand. */
export async function folderWithCard(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'card-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await mkdir(join(folder, 'www'));
  await cp(BUILT, join(folder, 'www/plot2mqtt.js'));
  return folder;
}

/** What Settings → Dashboards → Resources does. */
export async function addResource(home: HomeAssistant): Promise<void> {
  await home.command('lovelace/resources/create', { res_type: 'module', url: '/local/plot2mqtt.js' });
}

/** Makes a dashboard, as "New dashboard" does; answers its path. */
export async function addDashboard(home: HomeAssistant, url_path: string, config: object): Promise<string> {
  await home.command('lovelace/dashboards/create', {
    ...{ url_path, title: 'Plotting', mode: 'storage', show_in_sidebar: true, require_admin: false },
  });
  await home.command('lovelace/config/save', { url_path, config });
  return `/${url_path}`;
}

/** Makes one of the strategy. */
export function addStrategy(home: HomeAssistant, url_path: string, options: object = {}): Promise<string> {
  return addDashboard(home, url_path, { strategy: { type: 'custom:plot2mqtt', ...options } });
}
