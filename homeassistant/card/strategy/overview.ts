import type { CardConfig } from '../homeassistant.ts';
import type { Daemon } from '../model/farm.ts';
import { entityOf } from '../model/values.ts';
import { asked, type Frame, FULL, heading, number, type Section, tile, toggle } from './cards.ts';

/** What needs you, the farm's controls, and the timeline with moves and disks. */
export function overviewSections(frame: Frame, daemons: readonly Daemon[], timeline: CardConfig): Section[] {
  const needs = daemons.flatMap((daemon) => problems(frame, daemon));
  return [
    { type: 'grid', column_span: 3, cards: [...needs, timeline] },
    ...daemons.map((daemon): Section => ({ type: 'grid', column_span: 3, cards: farm(frame, daemon) })),
  ];
}

/**
 * A daemon's problems, shown only while there are any: since when, and each in its own words. What is read is an attribute:
 * what the daemon says is handed to the page as text.
 */
function problems({ words, isNamed, hasAlerts }: Frame, daemon: Daemon): CardConfig[] {
  const entity = entityOf(daemon, 'problem');
  if (entity === undefined) return [];
  const content =
    `{% for text in state_attr('${entity}', 'problems') or [] %}` +
    '<ha-alert alert-type="warning">{{ text | e }}</ha-alert>\n\n{% endfor %}';
  const shown = { ...FULL, visibility: [{ condition: 'state', entity, state: 'on' }] };
  const alert = { type: 'alert', entity, name: isNamed ? daemon.name : words.say('farm'), ...shown };
  return [...(hasAlerts ? [alert] : []), { type: 'markdown', text_only: true, content, ...shown }];
}

const QUARTER = { grid_options: { columns: 6 } };

function farm(frame: Frame, daemon: Daemon): CardConfig[] {
  const name = frame.isNamed ? daemon.name : frame.words.say('farm');
  return [
    heading(name, 'mdi:barn'),
    ...tile(frame, daemon, 'running_workers', 'running_workers', QUARTER),
    ...tile(frame, daemon, 'plots_today', 'plots_today', QUARTER),
    ...tile(frame, daemon, 'plots_per_day', 'plots_a_day', QUARTER),
    ...tile(frame, daemon, 'last_end', 'last_end', QUARTER),
    ...tile(frame, daemon, 'disks_full', 'farm_full', QUARTER),
    ...holds(frame, daemon),
    ...number(frame, daemon, 'max_workers', 'max_workers'),
  ];
}

/** The holds that are always there, with what a tap asks. */
const ALWAYS = { pause: 'ask_farm_pause', drain: 'ask_farm_drain' } as const;

/** The farm's holds are the bridge's switches: `pause`, `drain`, and those that config.yaml gives a title. */
function holds(frame: Frame, daemon: Daemon): CardConfig[] {
  return [...daemon.entities].flatMap(([key, entity]): CardConfig[] => {
    if (!entity.startsWith('switch.')) return [];
    if (key === 'pause' || key === 'drain') return toggle(frame, daemon, key, key, ALWAYS[key]);
    const text = frame.words.say('ask_hold');
    return [{ type: 'tile', entity, name: { type: 'entity' }, ...asked('switch.toggle', entity, text) }];
  });
}
