import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { baseInBridgeDocument, bridgeTopic } from '../../homeassistant/documents.ts';
import { formerBaseTopic } from '../../homeassistant/published-file.ts';
import type { Installation } from '../../mqtt/options.ts';
import { writeFileAtomic } from '../../storage/atomic.ts';
import { codeOf, messageOf } from '../../util/errors.ts';
import type { Logger } from '../../util/log.ts';

export interface InstallationOptions {
  dataDir: string;
  baseTopic: string;
  /** `homeassistant.discovery_prefix`. */
  prefix: string;
  instance(): string;
  /** Takes a new instance: another daemon has this one. Calls back once it is taken. */
  renew(whenTaken: () => void): void;
  log: Logger;
}

const fileSchema = z.object({ version: z.literal(1), topics: z.array(z.string()) });

/**
 * Where on a broker this `data_dir` has published, in a file of its own: after a change of the base topic, what stands
 * below the old one is found by it, and so is the live original of a copy.
 */
export function openInstallation(options: InstallationOptions): Installation {
  const { dataDir, baseTopic, prefix, instance, renew, log } = options;
  const file = topicsFile(dataDir);
  let known = knownBaseTopics(dataDir, log);
  const write = (topics: string[]) => {
    if (topics.join('\n') === known.join('\n')) return;
    known = topics;
    try {
      writeFileAtomic(file, `${JSON.stringify({ version: 1, topics })}\n`);
    } catch (error) {
      log.error(`the base topic can't be written down: ${messageOf(error)}`);
    }
  };
  return {
    whereabouts: () => ({
      former: known.filter((topic) => topic !== baseTopic),
      document: { topic: bridgeTopic(prefix, instance()), baseIn: baseInBridgeDocument },
    }),
    isCopy(base) {
      const before = instance();
      renew(() =>
        log.warn(
          `data_dir was copied: a daemon of its instance ${before} is alive on the base topic "${base}". What that has published stays; this one is the instance ${instance()} from now on, with devices of its own in Home Assistant`,
        ),
      );
    },
    movedIn: (abandoned) => write([baseTopic, ...abandoned]),
    cleared(bases) {
      log.info(`nothing is left below the former base topic ${bases.map((base) => `"${base}"`).join(', ')}`);
      write(known.filter((topic) => !bases.includes(topic)));
    },
  };
}

function topicsFile(dataDir: string): string {
  return join(dataDir, 'base-topics.json');
}

/** The base topics below which this `data_dir` may have published, the last one first. */
export function knownBaseTopics(dataDir: string, log: Pick<Logger, 'warn'>): string[] {
  // Versions that knew no such file wrote the base topic beside what Home Assistant was told.
  return readTopics(topicsFile(dataDir), log) ?? formerBaseTopic(join(dataDir, 'homeassistant.json'));
}

function readTopics(file: string, log: Pick<Logger, 'warn'>): string[] | null {
  try {
    return fileSchema.parse(JSON.parse(readFileSync(file, 'utf8'))).topics;
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') log.warn(`former base topics are not known: ${messageOf(error)}`);
    return null;
  }
}
