import { stat } from 'node:fs/promises';
import { lookAt, type LookOptions } from './looks.ts';

/** Which directory it is, whatever its names are, until the host starts anew. */
export interface DirectoryIdentity {
  /** Device and inode. */
  key: string;
  device: string;
}

const SAID = /^(\d+):(\d+)\s*$/;

/** Which directory is here, links followed; null where there is none, or its disk doesn't answer in time. Never throws. */
export async function directoryIdentity(
  path: string,
  options: LookOptions,
): Promise<DirectoryIdentity | null> {
  const look = {
    async inThread(): Promise<string> {
      const { dev, ino } = await stat(path, { bigint: true });
      return `${dev}:${ino}`;
    },
    script: `stat -L -c '%d:%i' -- "$1"`,
    read: (said: string) => said,
  };
  const said = await lookAt(path, look, options).catch(() => null);
  const [, device, ino] = SAID.exec(said ?? '') ?? [];
  return device === undefined || ino === undefined ? null : { key: `${device}:${ino}`, device };
}
