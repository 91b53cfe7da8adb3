import type { CardConfig, HomeAssistant } from '../homeassistant.ts';
import { daemonsIn } from '../model/registries.ts';
import { chosen, optionsOf } from '../options.ts';
import { wordsOf } from '../words/words.ts';
import { dashboardOf } from './dashboard.ts';

/** `strategy: { type: custom:plot2mqtt }`: the whole dashboard, out of the registries. */
export class DashboardStrategy extends HTMLElement {
  /** Made anew when something is added, renamed or removed. */
  static readonly registryDependencies = ['entities', 'devices'];

  static async generate(config: CardConfig, hass: HomeAssistant): Promise<object> {
    const options = optionsOf(config);
    const [all, measured] = await Promise.all([daemonsIn(hass), statisticsIn(hass)]);
    return dashboardOf(chosen(all, options), config, hass, measured);
  }

  /** What is asked for in a new dashboard: nothing. */
  static getCreateSuggestions(hass: HomeAssistant): object {
    return { title: wordsOf(hass.language).say('dashboard'), icon: 'mdi:sprout' };
  }
}

/** Which entities have long-term statistics: for an hour after the first start none has. */
async function statisticsIn(hass: HomeAssistant): Promise<ReadonlySet<string>> {
  try {
    const known = await hass.callWS<{ statistic_id: string }[]>({ type: 'recorder/list_statistic_ids' });
    return new Set(known.map(({ statistic_id }) => statistic_id));
  } catch {
    return new Set();
  }
}
