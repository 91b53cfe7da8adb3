import type { Config } from '../../config/schema/config.ts';
import { isInside, realDirectory } from '../../host/real-directory.ts';

/** A disk that takes longer to answer counts as away. */
const TIMEOUT_MS = 5_000;

/** What config.yaml allows jobs that arrive over MQTT. */
export interface Allowance {
  security: Config['security'];
  /** Every directory that config.yaml itself names, absolute. */
  ownDirectories: readonly string[];
}

/** Whether a directory lies, links resolved, where those that arrive over MQTT must (contract, section 2). */
export type Allows = (real: string) => boolean;

/** The directories that config.yaml allows as they are on the disks now: a link may have taken the place of one. */
export async function allowedNow({ security, ownDirectories }: Allowance): Promise<Allows> {
  const named = security.allowed_dirs.length > 0 ? security.allowed_dirs : ownDirectories;
  const roots = await Promise.all(named.map((path) => realDirectory(path, { timeoutMs: TIMEOUT_MS })));
  return (real) => roots.some((root) => root !== null && isInside(real, root));
}

/** The first of these directories that is, or leads, outside what config.yaml allows now; `null` where none does. */
export async function firstOutside(allowance: Allowance, paths: readonly string[]): Promise<string | null> {
  if (paths.length === 0) return null;
  const allows = await allowedNow(allowance);
  for (const path of paths) {
    const real = await realDirectory(path, { timeoutMs: TIMEOUT_MS });
    if (real === null || !allows(real)) return path;
  }
  return null;
}

/** Says of a directory that it may not be used. */
export function outsideMessage(path: string): string {
  return `${path} is, or leads, outside the directories that config.yaml names, or security.allowed_dirs where that is set`;
}
