import type { CardConfig, HomeAssistant } from '../homeassistant.ts';
import type { Daemon } from '../model/farm.ts';
import { daemonsIn } from '../model/registries.ts';
import { chosen, optionsOf } from '../options.ts';
import { wordsOf } from '../words/words.ts';
import type { Frame } from './cards.ts';
import { eventSections, historySections } from './history.ts';
import { jobSections, moveSections } from './jobs.ts';
import { overviewSections } from './overview.ts';

/** `strategy: { type: custom:plot2mqtt }`: the whole dashboard, out of the registries. */
export class DashboardStrategy extends HTMLElement {
  /** Made anew when something is added, renamed or removed. */
  static readonly registryDependencies = ['entities', 'devices'];

  static async generate(config: CardConfig, hass: HomeAssistant): Promise<object> {
    const options = optionsOf(config);
    const daemons = chosen(await daemonsIn(hass), options);
    return dashboardOf(daemons, config, hass);
  }

  /** What is asked for in a new dashboard: nothing. */
  static getCreateSuggestions(hass: HomeAssistant): object {
    return { title: wordsOf(hass.language).say('dashboard'), icon: 'mdi:sprout' };
  }
}

/** The dashboard of some daemons; `config` goes on to the timeline. */
export function dashboardOf(
  daemons: readonly Daemon[],
  config: CardConfig,
  hass: Pick<HomeAssistant, 'states' | 'language'>,
): object {
  const words = wordsOf(hass.language);
  const frame: Frame = { states: hass.states, words, isNamed: daemons.length > 1 };
  const { type: _, ...options } = config;
  const timeline = { ...options, type: 'custom:plot2mqtt-timeline-card' };
  const view = (path: string, title: string, icon: string, sections: readonly object[], columns: number) => ({
    ...{ type: 'sections', path, title, icon, max_columns: columns, sections },
  });
  return {
    title: words.say('dashboard'),
    views: [
      view(
        'overview',
        words.say('overview'),
        'mdi:chart-gantt',
        overviewSections(frame, daemons, timeline),
        3,
      ),
      view(
        ...(['jobs', words.say('jobs'), 'mdi:briefcase-outline'] as const),
        [...jobSections(frame, daemons), ...moveSections(frame, daemons)],
        3,
      ),
      view(
        ...(['history', words.say('history'), 'mdi:chart-line'] as const),
        [...historySections(frame, daemons), ...eventSections(frame, daemons)],
        2,
      ),
    ],
  };
}
