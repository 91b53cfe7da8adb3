import { randomBytes } from 'node:crypto';
import { formatProblem } from '../../config/problems.ts';
import type { LoadedConfig } from '../../config/load.ts';
import { createGrowingMask, type GrowingMask } from '../../config/mask.ts';
import { readConfig } from '../../daemon/configuration/settings.ts';
import { knownBaseTopics } from '../../daemon/publishing/installation.ts';
import { refusalOf } from '../../mqtt/connection/refusals.ts';
import { takeClaim } from '../../storage/claim/take-claim.ts';
import { type Owner, readOwner } from '../../storage/instance.ts';
import { codeOf, messageOf } from '../../util/errors.ts';
import { connectOnce } from '../connection.ts';
import { createLogger } from '../logging/logger.ts';
import { clearRetained, type Forgotten } from './clear-retained.ts';

/** How long the broker may take to let us in, in milliseconds. */
const CONNECT_MS = 10_000;

/**
 * `plot2mqtt forget`: clears all that the daemon of this configuration, which must be stopped, has retained and
 * announced on its broker. `data_dir` is claimed meanwhile, so that none starts.
 * @returns the exit code: 0 where nothing of it is left, else 1
 */
export async function runForget(file: string): Promise<0 | 1> {
  const loaded = await readConfig(file);
  if (!loaded.ok) {
    for (const problem of loaded.problems) process.stderr.write(`${formatProblem(problem)}\n`);
    return 1;
  }
  const secrets = createGrowingMask(loaded.secrets);
  try {
    process.stdout.write(`${secrets.mask(await forget(loaded, secrets))}\n`);
    return 0;
  } catch (error) {
    process.stderr.write(`${secrets.mask(messageOf(error))}\n`);
    return 1;
  }
}

async function forget(loaded: LoadedConfig, secrets: GrowingMask): Promise<string> {
  const { data_dir, mqtt } = loaded.config;
  const owner = ownerOf(data_dir);
  const log = await createLogger('warn', secrets);
  const claim = await takeClaim(data_dir, {
    token: randomBytes(4).toString('hex'),
    socket: null,
    log,
    onLost: () => process.exit(1),
  });
  try {
    if (mqtt.broker === 'embedded')
      return 'the embedded broker keeps nothing while the daemon is stopped: there is nothing to clear';
    const client = await connectOnce(mqtt, CONNECT_MS).catch((error: unknown) => {
      throw new Error(`the broker does not let us in: ${refusalOf(error).text}`);
    });
    try {
      const former = knownBaseTopics(data_dir, log);
      return inWords(
        await clearRetained(client, {
          instance: owner.instance,
          bases: [...new Set([mqtt.base_topic, ...former])],
          prefix: loaded.config.homeassistant.discovery_prefix,
        }),
      );
    } finally {
      client.end(true);
    }
  } finally {
    claim.release();
  }
}

/** Whose what is retained has to be. Throws where nothing says it. */
function ownerOf(dataDir: string): Owner {
  try {
    const owner = readOwner(dataDir);
    if (owner !== null && owner !== 'damaged') return owner;
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
  }
  throw new Error(`nothing in ${dataDir} says what its daemon has published: was there one?`);
}

function inWords({ topics, devices, others }: Forgotten): string {
  const cleared =
    topics + devices === 0
      ? 'there was nothing to clear'
      : `cleared: ${topics} topics, and ${devices} devices of Home Assistant`;
  const stays = others.map((base) => `; what is below "${base}" is of another daemon, and stays`);
  return `${cleared}${stays.join('')}`;
}
