import type { Config } from '../../config/schema/config.ts';
import { systemTimeZone } from '../../daemon/configuration/settings.ts';
import { matchesWildcard } from '../../util/wildcard.ts';
import type { Misfit } from './check-job.ts';

/** Patterns of holds that no job of the file has the name for: only jobs made over MQTT may. */
export function checkHolds({ holds, jobs }: Pick<Config, 'holds' | 'jobs'>): Misfit[] {
  const ids = Object.keys(jobs);
  return Object.entries(holds).flatMap(([name, entry]) =>
    (entry.jobs ?? []).flatMap((pattern, index): Misfit[] => {
      if (ids.some((id) => matchesWildcard(pattern, id))) return [];
      const message = `hold '${name}': no job of this file is called '${pattern}', only one made over MQTT could be`;
      return [{ path: ['holds', name, 'jobs', index], at: 'value', message, warning: true }];
    }),
  );
}

/** By whose hours holds stand by themselves; `null` where none does. */
export function zoneOfHolds({ holds, time_zone }: Pick<Config, 'holds' | 'time_zone'>): string | null {
  if (Object.values(holds).every(({ held }) => held === undefined)) return null;
  return time_zone ?? `${systemTimeZone()}, the system's, since there is no time_zone`;
}
