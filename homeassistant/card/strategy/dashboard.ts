import type { CardConfig, HomeAssistant } from '../homeassistant.ts';
import type { Daemon } from '../model/farm.ts';
import { wordsOf } from '../words/words.ts';
import type { Frame, Section } from './cards.ts';
import { eventSections, historySections } from './history.ts';
import { jobSections, moveSections } from './jobs.ts';
import { overviewSections } from './overview.ts';

export interface View {
  type: 'sections';
  path: string;
  title: string;
  max_columns: number;
  sections: readonly Section[];
}
export interface Dashboard {
  title: string;
  views: readonly View[];
}

/** The dashboard of some daemons; `config` goes on to the timeline, `measured` are entities with statistics. */
export function dashboardOf(
  daemons: readonly Daemon[],
  config: CardConfig,
  hass: Pick<HomeAssistant, 'states' | 'language'> & { config: Pick<HomeAssistant['config'], 'version'> },
  measured: ReadonlySet<string>,
): Dashboard {
  const words = wordsOf(hass.language);
  const frame: Frame = {
    ...{ states: hass.states, words, isNamed: daemons.length > 1, measured },
    hasAlerts: hasAlerts(hass.config.version),
  };
  const { type: _, ...options } = config;
  const timeline = { ...options, type: 'custom:plot2mqtt-timeline-card' };
  const view = (path: 'overview' | 'jobs' | 'history', max_columns: number, sections: Section[]): View => ({
    ...{ type: 'sections', path, title: words.say(path), max_columns, sections },
  });
  return {
    title: words.say('dashboard'),
    views: [
      view('overview', 3, overviewSections(frame, daemons, timeline)),
      view('jobs', 3, [...jobSections(frame, daemons), ...moveSections(frame, daemons)]),
      view('history', 2, [...historySections(frame, daemons), ...eventSections(frame, daemons)]),
    ],
  };
}

/** The built-in card `alert` came with Home Assistant 2026.9; one that doesn't know it shows an error in its place. */
function hasAlerts(version = ''): boolean {
  const [year = 0, month = 0] = version.split('.').map(Number);
  return year > 2026 || (year === 2026 && month >= 9);
}
