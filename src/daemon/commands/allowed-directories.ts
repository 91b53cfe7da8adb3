import { isAbsolute } from 'node:path';
import type { Config } from '../../config/schema/config.ts';
import { isInside, realDirectory } from '../../host/real-directory.ts';
import { isPattern, meantBy } from '../../util/directory-patterns.ts';

/** A disk that takes longer to answer counts as away. */
const TIMEOUT_MS = 4_000;

/** What config.yaml allows jobs that arrive over MQTT. */
export interface Allowance {
  security: Config['security'];
  /** Every directory that config.yaml itself names, absolute; some may be patterns. */
  ownDirectories: readonly string[];
}

/** Whether a directory lies, links resolved, where those that arrive over MQTT must (contract, section 2). */
export type Allows = (real: string) => boolean;

/**
 * The directories that config.yaml allows as they are on the disks now: a link may have taken the place of one. Of
 * patterns in it counts what they mean of these paths by their names.
 */
export async function allowedNow(
  allowance: Allowance,
  paths: readonly string[],
  timeoutMs = TIMEOUT_MS,
): Promise<Allows> {
  // What is no local directory allows none.
  const named = namedBy(allowance).filter((each) => isAbsolute(each));
  const meant = named.flatMap((each) =>
    isPattern(each) ? paths.flatMap((path) => meantBy(each, path) ?? []) : [each],
  );
  const roots = await Promise.all([...new Set(meant)].map((path) => realDirectory(path, { timeoutMs })));
  return (real) => roots.some((root) => root !== null && isInside(real, root));
}

function namedBy({ security, ownDirectories }: Allowance): readonly string[] {
  return security.allowed_dirs.length > 0 ? security.allowed_dirs : ownDirectories;
}

/** Whether config.yaml allows just this value, such as that of another host. */
export function isNamed(allowance: Allowance, value: string): boolean {
  return namedBy(allowance).includes(value);
}

/** Those of these directories that are, or lead, outside what config.yaml allows now. */
export async function outsideOf(
  allowance: Allowance,
  paths: readonly string[],
  timeoutMs = TIMEOUT_MS,
): Promise<ReadonlySet<string>> {
  if (paths.length === 0) return new Set();
  const [allows, reals] = await Promise.all([
    allowedNow(allowance, paths, timeoutMs),
    Promise.all(paths.map((path) => realDirectory(path, { timeoutMs }))),
  ]);
  return new Set(
    paths.filter((_, index) => {
      const real = reals[index] ?? null;
      return real === null || !allows(real);
    }),
  );
}

/** The first of these directories that is, or leads, outside what config.yaml allows now; `null` where none does. */
export async function firstOutside(allowance: Allowance, paths: readonly string[]): Promise<string | null> {
  const outside = await outsideOf(allowance, paths);
  return paths.find((path) => outside.has(path)) ?? null;
}

/**
 * The first of these directories and patterns that is, or leads, outside: a pattern must be one by which config.yaml
 * allows directories, or have its first wildcard inside one of them. What it matches is held to that at each start.
 */
export async function firstWrittenOutside(
  allowance: Allowance,
  written: readonly string[],
): Promise<string | null> {
  const named = namedBy(allowance);
  const isNamed = (pattern: string) => named.some((each) => meantBy(each, pattern) !== null);
  const asked = written.filter((each) => !isPattern(each) || !isNamed(each));
  const outside = await outsideOf(allowance, asked.map(aboveWildcards));
  return asked.find((each) => outside.has(aboveWildcards(each))) ?? null;
}

/** The directory in which a pattern has its first wildcard; what has none, itself. */
function aboveWildcards(path: string): string {
  const parts = path.split('/');
  const first = parts.findIndex(isPattern);
  return first === -1 ? path : parts.slice(0, first).join('/') || '/';
}

/** Says of a directory that it may not be used. */
export function outsideMessage(path: string): string {
  return `${path} is, or leads, outside the directories that config.yaml names, or security.allowed_dirs where that is set`;
}
