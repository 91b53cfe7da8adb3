import type { HomeAssistant } from './homeassistant.ts';
import { JobCard } from './elements/job-card.ts';
import { suggestionFor } from './elements/suggestion.ts';
import { TimelineCard } from './elements/timeline-card.ts';
import { WorkerDialog } from './elements/worker-dialog.ts';
import { DashboardStrategy } from './strategy/element.ts';
import { wordsOf } from './words/words.ts';

/** What Home Assistant's frontend looks for in the window. */
interface Announced {
  customCards?: object[];
  customStrategies?: object[];
}

function define(name: string, element: CustomElementConstructor): void {
  // The file may be loaded twice: by hand and by HACS.
  if (customElements.get(name) === undefined) customElements.define(name, element);
}

define('plot2mqtt-worker-dialog', WorkerDialog);
define('plot2mqtt-timeline-card', TimelineCard);
define('plot2mqtt-job-card', JobCard);
define('ll-strategy-dashboard-plot2mqtt', DashboardStrategy);

const words = wordsOf(document.documentElement.lang || 'en');
const announced: Announced & Window = window;
announced.customCards ??= [];
announced.customCards.push({
  ...{
    type: 'plot2mqtt-timeline-card',
    name: 'plot2mqtt',
    description: words.say('card_says'),
    preview: true,
  },
  getEntitySuggestion: (hass: HomeAssistant, entityId: string) => suggestionFor(hass, entityId),
});
announced.customStrategies ??= [];
announced.customStrategies.push({
  ...{ type: 'plot2mqtt', strategyType: 'dashboard', name: 'plot2mqtt' },
  ...{ description: words.say('dashboard_says') },
});
