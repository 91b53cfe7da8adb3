import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Config } from './schema/config.ts';

/**
 * A path of config.yaml made absolute: `~` and `~/…` are the home directory of the account, anything else
 * is relative to `directory`, that of config.yaml.
 */
export function resolvePath(directory: string, value: string): string {
  if (value === '~') return homedir();
  if (value.startsWith('~/')) return join(homedir(), value.slice(2));
  return resolve(directory, value);
}

/** The configuration with those of its paths made absolute that are no plotter's arguments. */
export function resolvePaths(config: Config, directory: string): Config {
  const absolute = (value: string) => resolvePath(directory, value);
  return {
    ...config,
    data_dir: absolute(config.data_dir),
    mqtt: {
      ...config.mqtt,
      ...files(config.mqtt, ['ca', 'cert', 'key'], absolute),
      embedded: {
        ...config.mqtt.embedded,
        tls: files(config.mqtt.embedded.tls, ['cert', 'key'], absolute),
      },
    },
    moves: Object.fromEntries(
      Object.entries(config.moves).map(([id, move]) => [
        id,
        {
          ...move,
          from: move.from.map(absolute),
          to: move.to.map(absolute),
          ...(move.replot?.dirs === undefined
            ? {}
            : { replot: { ...move.replot, dirs: move.replot.dirs.map(absolute) } }),
        },
      ]),
    ),
    disks: config.disks.map((disk) => ({ ...disk, match: absolute(disk.match) })),
    security: { ...config.security, allowed_dirs: config.security.allowed_dirs.map(absolute) },
  };
}

/** Those of the named paths that are set, absolute. */
function files<Name extends string>(
  settings: { readonly [name in Name]?: string | undefined },
  names: readonly Name[],
  absolute: (value: string) => string,
): { [name in Name]?: string } {
  const result: { [name in Name]?: string } = {};
  for (const name of names) {
    const value = settings[name];
    if (value !== undefined) result[name] = absolute(value);
  }
  return result;
}
