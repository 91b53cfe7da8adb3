const [HOUR, DAY] = [3_600_000, 86_400_000];
const EVENING = 20;

/**
 * Where it is evening, between eight and nine: a farm that is pictured there has nearly a whole day behind it, whenever
 * that is.
 */
export function eveningOf(now: number): { timezoneId: string; midnight: number } {
  // From eleven hours behind to twelve before UTC.
  const ahead = ((EVENING - new Date(now).getUTCHours() + 35) % 24) - 11;
  const local = now + ahead * HOUR;
  // The names of these zones have the sign of POSIX.
  const timezoneId = ahead === 0 ? 'Etc/GMT' : `Etc/GMT${ahead > 0 ? '-' : '+'}${Math.abs(ahead)}`;
  return { timezoneId, midnight: local - (local % DAY) - ahead * HOUR };
}
