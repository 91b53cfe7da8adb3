const SECONDS_PER_UNIT = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

/** A duration as a user writes it, with its unit: `30s`, `5m`, `2h`, `1d`. */
export const DURATION_PATTERN = /^(\d+(?:\.\d+)?)([smhd])$/;

function isUnit(text: string | undefined): text is keyof typeof SECONDS_PER_UNIT {
  return text !== undefined && text in SECONDS_PER_UNIT;
}

/** The seconds of such a duration; `null` where it is none. */
export function secondsOf(text: string): number | null {
  const [, amount, unit] = DURATION_PATTERN.exec(text) ?? [];
  return isUnit(unit) ? Number(amount) * SECONDS_PER_UNIT[unit] : null;
}

/** A duration in seconds as a user would write it: `90s`, `5m`. */
export function durationText(seconds: number): string {
  const [unit, length] = Object.entries(SECONDS_PER_UNIT).findLast(
    ([, each]) => seconds >= each && seconds % each === 0,
  ) ?? ['s', 1];
  return `${seconds / length}${unit}`;
}
