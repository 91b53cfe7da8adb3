import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** What is outside the command line: its environment, which files are there, and the time. */
export interface Outside {
  env: Readonly<Record<string, string | undefined>>;
  exists?: (file: string) => boolean;
  /** Milliseconds since 1970. */
  now?: () => number;
}

const HERE = './config.yaml';

/** Where the configuration is, when the command line doesn't say it; `init` writes one here. */
export function defaultConfig(command: string, { env, exists = existsSync }: Outside): string {
  if (env.PLOT2MQTT_CONFIG) return env.PLOT2MQTT_CONFIG;
  if (command === 'init') return HERE;
  const places = [
    HERE,
    join(env.HOME || homedir(), '.config/plot2mqtt/config.yaml'),
    '/etc/plot2mqtt/config.yaml',
  ];
  return places.find((file) => exists(file)) ?? HERE;
}
