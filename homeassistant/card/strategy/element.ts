import type { CardConfig, HomeAssistant } from '../homeassistant.ts';
import type { Daemon } from '../model/farm.ts';
import { daemonsIn } from '../model/registries.ts';
import { chosen, optionsOf } from '../options.ts';
import { wordsOf } from '../words/words.ts';
import { dashboardOf } from './dashboard.ts';
import { graphed, SHOWN_DAYS } from './history.ts';

/** `strategy: { type: custom:plot2mqtt }`: the whole dashboard, out of the registries. */
export class DashboardStrategy extends HTMLElement {
  /** Made anew when something is added, renamed or removed. */
  static readonly registryDependencies = ['entities', 'devices'];

  static async generate(config: CardConfig, hass: HomeAssistant): Promise<object> {
    const options = optionsOf(config);
    const daemons = chosen(await daemonsIn(hass), options);
    return dashboardOf(daemons, config, hass, await measuredIn(hass, daemons));
  }

  /** What is asked for in a new dashboard: nothing. */
  static getCreateSuggestions(hass: HomeAssistant): object {
    return { title: wordsOf(hass.language).say('dashboard'), icon: 'mdi:sprout' };
  }
}

const DAY_MS = 86_400_000;

/** Which entities have long-term statistics: for an hour after the first start none has, and a graph would be empty. */
async function measuredIn(hass: HomeAssistant, daemons: readonly Daemon[]): Promise<ReadonlySet<string>> {
  try {
    const question = {
      ...{ type: 'recorder/statistics_during_period', period: 'day', types: ['change', 'mean'] },
      start_time: new Date(Date.now() - SHOWN_DAYS * DAY_MS).toISOString(),
      statistic_ids: daemons.flatMap(graphed),
    };
    const known = await hass.callWS<Record<string, unknown[]>>(question);
    return new Set(Object.keys(known).filter((id) => known[id]?.length));
  } catch {
    return new Set();
  }
}
