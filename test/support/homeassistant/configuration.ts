import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * What a new installation has, less what needs the internet or hardware. MQTT comes as users have it, by its form.
 * The time zone is not UTC, so that a time without one is seen.
 */
const CONFIGURATION = `config:
frontend:
  themes: !include_dir_merge_named themes
history:
logbook:
sun:
homeassistant:
  name: Home
  country: CH
  time_zone: Europe/Zurich
  unit_system: metric
  currency: CHF
  packages: !include_dir_named packages
automation: !include automations.yaml
script: !include scripts.yaml
scene: !include scenes.yaml
`;

/** Writes the folder of a new Home Assistant that will serve on this port of this machine alone. */
export async function writeFreshFolder(folder: string, port: number): Promise<void> {
  for (const name of ['packages', 'themes', 'blueprints', 'dashboards', '.storage'])
    await mkdir(join(folder, name), { recursive: true });
  await writeFile(join(folder, 'configuration.yaml'), CONFIGURATION);
  for (const name of ['automations', 'scripts', 'scenes']) await writeFile(join(folder, `${name}.yaml`), '');
  // Address and port are settings of the interface: in configuration.yaml they raise a repair.
  await store(folder, 'http', 3, {
    stable: {
      server_host: ['127.0.0.1'],
      server_port: port,
      cors_allowed_origins: [],
      login_attempts_threshold: -1,
      ip_ban_enabled: false,
      ssl_profile: 'modern_v6',
      use_x_frame_options: true,
      created_at: '2026-01-01T00:00:00+00:00',
      error: null,
      error_message: null,
    },
    pending: null,
    yaml_migration_done: true,
  });
  // All of the welcome but the owner's account would add what needs the internet.
  await store(folder, 'onboarding', 4, { done: ['core_config', 'analytics', 'integration'] });
}

async function store(folder: string, key: string, version: number, data: object): Promise<void> {
  const content = { version, minor_version: 1, key, data };
  await writeFile(join(folder, '.storage', key), JSON.stringify(content));
}
