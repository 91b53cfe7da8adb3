/** What a hold keeps back: with `pause` running plotters are suspended too (contract, section 9). */
export const HOLD_KINDS = ['pause', 'no_starts'] as const;
export type HoldKind = (typeof HOLD_KINDS)[number];

/** Who has released a hold: a command, its time or its rule, or a change of config.yaml. */
export const HOLD_RELEASERS = ['command', 'time', 'config'] as const;
export type HoldReleaser = (typeof HOLD_RELEASERS)[number];

/** Holds at most, the farm's and those of all jobs together; the two that are always there don't count. */
export const MAX_HOLDS = 100;

/** The longest time for which a hold may stand, in seconds: ten years. */
export const LONGEST_HOLD_S = 10 * 365 * 86_400;

/** The longest reason, in characters. */
export const LONGEST_REASON = 200;

/** What of a hold of the farm can't be said otherwise; `null`: that can. */
interface FixedHold {
  readonly kind: HoldKind;
  readonly moves: true | null;
}

/** The farm's hold under which it may be shut down once nothing runs any more. */
export const OWN_DRAIN = 'drain';

/** The farm's holds that are always there, set or not (contract, section 9). */
export const FIXED_HOLDS: ReadonlyMap<string, FixedHold> = new Map([
  ['pause', { kind: 'pause', moves: true }],
  [OWN_DRAIN, { kind: 'no_starts', moves: null }],
]);

/** What a command says of a hold; what it leaves out is what config.yaml says for it, or the default. */
export interface HoldWanted {
  kind?: HoldKind;
  moves?: boolean;
  reason?: string;
  /** Seconds after which it goes by itself. */
  for_s?: number;
}

/**
 * What contradicts a hold of the farm that is always there: the key, and why, in words; `null` where nothing does.
 */
export function contradiction(
  name: string,
  { kind, moves }: Pick<HoldWanted, 'kind' | 'moves'>,
): { key: 'kind' | 'moves'; message: string } | null {
  const fixed = FIXED_HOLDS.get(name);
  if (!fixed) return null;
  if (kind !== undefined && kind !== fixed.kind)
    return { key: 'kind', message: `the farm's hold '${name}' is always of kind ${fixed.kind}` };
  if (fixed.moves !== null && moves === false)
    return { key: 'moves', message: `the farm's hold '${name}' always holds moves too` };
  return null;
}
