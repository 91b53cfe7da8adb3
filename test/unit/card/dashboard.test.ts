import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { daemonsOf } from '../../../homeassistant/card/model/farm.ts';
import { dashboardOf } from '../../../homeassistant/card/strategy/dashboard.ts';
import { cellar, farmOf } from '../../support/card/farm.ts';

const NOW = Date.parse('2026-11-26T20:00:00Z');
const BUILT = join(import.meta.dirname, '../../../dist/plot2mqtt.js');

function made(
  language = 'en',
  options: object = {},
  farms = [cellar(NOW)],
  measured: string[] = [],
  version = '2026.11.0',
) {
  const daemons = daemonsOf(
    farms.flatMap(({ entities }) => entities),
    farms.flatMap(({ devices }) => devices),
  );
  const states = Object.assign({}, ...farms.map((farm) => farm.states));
  const config = { type: 'custom:plot2mqtt', ...options };
  return dashboardOf(daemons, config, { states, language, config: { version } }, new Set(measured));
}
const cardsOf = (dashboard: ReturnType<typeof made>, path: string) =>
  dashboard.views.find((view) => view.path === path)?.sections.flatMap(({ cards }) => cards) ?? [];

test('the timeline comes with the strategy’s options, a section for each job and move', () => {
  const dashboard = made('en', { hours: 6 });
  expect(cardsOf(dashboard, 'overview')).toContainEqual({ type: 'custom:plot2mqtt-timeline-card', hours: 6 });
  const headings = cardsOf(dashboard, 'jobs').flatMap(({ type, heading }) =>
    type === 'heading' ? [heading] : [],
  );
  expect(headings).toEqual(['Cold storage', 'Fast plots', 'Nightly plots', 'To the farm']);
});

test('each entity of a card is there, and what is lost by a tap is asked back', () => {
  const dashboard = made();
  const { states } = cellar(NOW);
  const cards = dashboard.views.flatMap(({ path }) => cardsOf(dashboard, path));
  for (const { entity } of cards) if (entity !== undefined) expect(Object.keys(states)).toContain(entity);
  const buttons = cards.filter(({ entity }) => String(entity).startsWith('button.'));
  expect(buttons.length).toBeGreaterThan(2);
  for (const { tap_action } of buttons)
    expect(tap_action).toMatchObject({ confirmation: { text: expect.any(String) } });
});

test('in German; of several daemons each by its name', () => {
  const farms = ['rig1', 'rig2'].map((base) =>
    farmOf(NOW, [{ id: 'a', title: 'A', slots: 1, hours: 1 }], base),
  );
  const dashboard = made('de', {}, farms);
  expect(dashboard.views.map(({ title }) => title)).toEqual(['Überblick', 'Jobs', 'Verlauf']);
  const headings = cardsOf(dashboard, 'jobs').flatMap(({ type, heading }) =>
    type === 'heading' ? [heading] : [],
  );
  expect(headings).toEqual(['rig1: A', 'rig2: A']);
});

test('what is a problem is shown by the card that Home Assistant has for it, where it has one', () => {
  const types = (version: string, farms = [cellar(NOW)]) =>
    cardsOf(made('en', {}, farms, [], version), 'overview').flatMap(({ type, name, visibility }) =>
      visibility === undefined ? [] : [[type, name]],
    );
  expect(types('2026.11.0')).toEqual([
    ['alert', 'Farm'],
    ['markdown', undefined],
  ]);
  for (const version of ['2026.9.0b1', '2027.1.0']) expect(types(version)).toEqual(types('2026.11.0'));
  for (const version of ['2025.10.4', '2026.8.3', ''])
    expect(types(version)).toEqual([['markdown', undefined]]);
  const rigs = ['rig1', 'rig2'].map((base) =>
    farmOf(NOW, [{ id: 'a', title: 'A', slots: 1, hours: 1 }], base),
  );
  expect(types('2026.11.0', rigs).map(([type, name]) => `${type} ${name}`)).toEqual([
    ...['alert rig1', 'markdown undefined', 'alert rig2', 'markdown undefined'],
  ]);
});

test('graphs of statistics only where there are any', () => {
  const types = (measured: string[]) =>
    cardsOf(made('en', {}, [cellar(NOW)], measured), 'history').map(({ type }) => type);
  expect(types([])).toEqual(['heading', 'history-graph', 'heading', 'logbook']);
  expect(types(['sensor.plot2mqtt_plots_done'])).toContain('statistics-graph');
});

test('what is built has at most 60 KiB, and asks nobody for anything', async () => {
  expect((await stat(BUILT)).size).toBeLessThanOrEqual(60 * 1024);
  const code = await readFile(BUILT, 'utf8');
  expect(code).not.toMatch(/\bfetch\(|XMLHttpRequest|WebSocket|sendBeacon|import\(|\beval\(/);
  // Templates have lost their indentation, and what is told to Home Assistant none of its lines.
  expect(code.slice(0, code.indexOf('/*!'))).not.toMatch(/\n /);
  expect(code).toContain('\n\n{% endfor %}');
  // The only addresses are names of XML.
  const addresses = (code.match(/\b(https?|wss?):\/\/[^"'`\s)]+/g) ?? []).filter(
    (url) => !url.includes('www.w3.org/'),
  );
  expect(addresses).toEqual([]);
  for (const licence of ['Google LLC', 'BSD-3-Clause']) expect(code).toContain(licence);
});

test('what stops all workers is offered beside running ones alone, and is no larger than it is wanted', () => {
  const cards = cardsOf(made(), 'jobs');
  const at = (key: string) => cards.findIndex(({ entity }) => entity === `button.plot2mqtt_nightly_${key}`);
  expect(cards[at('dismiss_all')]).toMatchObject({
    visibility: [
      { condition: 'numeric_state', entity: 'sensor.plot2mqtt_nightly_running_workers', above: 0 },
    ],
  });
  expect(cards[at('dismiss_all')]).not.toHaveProperty('grid_options');
  expect(cards[at('start_worker')]).toMatchObject({ grid_options: { columns: 'full' } });
  expect(at('dismiss_all')).toBeGreaterThan(at('reset'));
});

test('a move’s state is told by a card of ours, in the user’s language; the farm says when its disks are full', () => {
  const dashboard = made('de');
  expect(cardsOf(dashboard, 'jobs')).toContainEqual({
    ...{ type: 'custom:plot2mqtt-job-card', instance: 'plot2mqttid', move: 'farm' },
  });
  for (const card of cardsOf(dashboard, 'jobs')) expect(card).not.toHaveProperty('badges');
  expect(cardsOf(dashboard, 'overview')).toContainEqual(
    expect.objectContaining({ entity: 'sensor.plot2mqtt_disks_full', name: 'Platten voll' }),
  );
});
