import { directoryChoices } from '../../../plotters/command.ts';
import { isPattern } from '../../../util/directory-patterns.ts';
import type { MatchedDirectory } from '../../inputs.ts';
import type { Transaction } from '../../transaction.ts';
import { resolvedNow } from './resolved-now.ts';

/** So many directories of one pattern are remembered at most. */
const MAX_REMEMBERED = 1000;

/**
 * Directories that patterns match: one that vanishes is known as missing (contract, section 8), and what was a mount
 * of its own as not mounted.
 */
export function rememberMatched(
  transaction: Transaction,
  patterns: ReadonlyMap<string, readonly MatchedDirectory[]>,
): void {
  let { matched } = transaction.state;
  for (const [pattern, directories] of patterns) {
    const before = matched[pattern] ?? [];
    const after = mergedWith(before, directories);
    if (after !== before) matched = { ...matched, [pattern]: after.slice(0, MAX_REMEMBERED) };
  }
  if (matched !== transaction.state.matched) transaction.change(['meta', { matched }]);
}

/** The same list where nothing is new. */
function mergedWith(before: MatchedDirectory[], now: readonly MatchedDirectory[]): MatchedDirectory[] {
  const known = new Map(before.map((each) => [each.path, each]));
  let news = false;
  for (const { path, mount } of now) {
    const present = known.get(path);
    if (present && (present.mount || !mount)) continue;
    known.set(path, { path, mount });
    news = true;
  }
  return news ? [...known.values()] : before;
}

/** Whether any of these directories is new to the state. */
export function isNews(known: readonly MatchedDirectory[], now: readonly MatchedDirectory[]): boolean {
  return now.some(({ path, mount }) => {
    const present = known.find((each) => each.path === path);
    return present === undefined || (mount && !present.mount);
  });
}

/** config.yaml was read: after a reload (`all`) nothing is remembered, at a start nothing of patterns that are gone. */
export function forgetMatched(transaction: Transaction, all: boolean): void {
  const { state, settings } = transaction;
  const used = new Set<string>();
  for (const job of state.jobs.values()) {
    const resolved = resolvedNow(job, settings);
    const right = resolved.ok ? resolved : resolved.rest;
    for (const { written } of right ? directoryChoices(right.definition, right.values) : [])
      for (const path of written) if (isPattern(path)) used.add(path);
  }
  for (const { from, to } of settings.moves.values())
    for (const path of [...from, ...to]) if (isPattern(path)) used.add(path);
  const before = Object.entries(state.matched);
  const kept = all ? [] : before.filter(([pattern]) => used.has(pattern));
  if (kept.length < before.length) transaction.change(['meta', { matched: Object.fromEntries(kept) }]);
}
