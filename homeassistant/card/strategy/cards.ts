import type { CardConfig, States } from '../homeassistant.ts';
import type { Thing } from '../model/farm.ts';
import { entityOf } from '../model/values.ts';
import type { Word, Words } from '../words/words.ts';

/** What the sections of the dashboard are made of. */
export interface Frame {
  states: States;
  words: Words;
  /** Several daemons: what is of one of them says so. */
  isNamed: boolean;
  /** Home Assistant has a card for what is a problem: since 2026.9. */
  hasAlerts: boolean;
  /** Entities that have long-term statistics. */
  measured: ReadonlySet<string>;
}

export interface Section {
  type: 'grid';
  cards: readonly CardConfig[];
  column_span?: number;
}

/** As wide as its section. */
export const FULL = { grid_options: { columns: 'full' } };

export function heading(text: string, icon: string): CardConfig {
  return { type: 'heading', heading: text, icon };
}

/** A tile for a key of a thing; nothing where it has no such entity. */
export function tile<Key extends string>(
  { words }: Frame,
  thing: Thing<Key>,
  key: NoInfer<Key>,
  word: Word,
  more: object = {},
): CardConfig[] {
  const entity = entityOf(thing, key);
  return entity === undefined ? [] : [{ type: 'tile', entity, name: words.say(word), ...more }];
}

/** A tap that does something, asked back. */
export function asked(
  action: string,
  entity_id: string,
  text: string,
): { tap_action: object; icon_tap_action: object } {
  const tap_action = {
    ...{ action: 'perform-action', perform_action: action, target: { entity_id }, confirmation: { text } },
  };
  return { tap_action, icon_tap_action: tap_action };
}

/** A button's tile. */
export function press<Key extends string>(
  frame: Frame,
  thing: Thing<Key>,
  key: NoInfer<Key>,
  word: Word,
  question: Word,
  more: object = {},
): CardConfig[] {
  const entity = entityOf(thing, key);
  if (entity === undefined) return [];
  const text = frame.words.say(question, { job: thing.name });
  return tile(frame, thing, key, word, {
    hide_state: true,
    ...asked('button.press', entity, text),
    ...more,
  });
}

/** A switch's tile: a tap toggles it, asked back where there is a question. */
export function toggle<Key extends string>(
  frame: Frame,
  thing: Thing<Key>,
  key: NoInfer<Key>,
  word: Word,
  question?: Word,
): CardConfig[] {
  const entity = entityOf(thing, key);
  if (entity === undefined) return [];
  const text = question && frame.words.say(question, { job: thing.name });
  const plain = { tap_action: { action: 'toggle' }, icon_tap_action: { action: 'toggle' } };
  return tile(frame, thing, key, word, text === undefined ? plain : asked('switch.toggle', entity, text));
}

/** A number's tile, with buttons for less and more. */
export function number<Key extends string>(
  frame: Frame,
  thing: Thing<Key>,
  key: NoInfer<Key>,
  word: Word,
): CardConfig[] {
  return tile(frame, thing, key, word, {
    ...FULL,
    features_position: 'inline',
    features: [{ type: 'numeric-input', style: 'buttons' }],
  });
}
