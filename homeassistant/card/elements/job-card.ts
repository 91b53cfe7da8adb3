import { nothing, type TemplateResult } from 'lit/html.js';
import type { CardConfig, HomeAssistant } from '../homeassistant.ts';
import type { Job, Move, Thing } from '../model/farm.ts';
import { moveNow } from '../model/move.ts';
import { daemonsIn } from '../model/registries.ts';
import { isRecord, stateTextOf, textIn } from '../model/values.ts';
import { formatsOf } from '../words/formats.ts';
import { jobFigures, moveLabel, type Voice, waitingLabel } from '../words/labels.ts';
import { wordsOf } from '../words/words.ts';
import { DrawnElement } from './drawn-element.ts';
import { stateLines } from './state-lines.ts';
import { CARD, COLOURS } from './styles.ts';

/**
 * How a job or a move stands, in the user's words: the dashboard's, at the head of a section. Home Assistant shows the
 * words of states that come over MQTT as they are.
 */
export class JobCard extends DrawnElement {
  #place: Readonly<Record<string, unknown>> = {};
  #hass: HomeAssistant | undefined;
  #job: Job | undefined;
  #move: Move | undefined;

  constructor() {
    super(COLOURS, CARD);
  }

  setConfig(config: CardConfig): void {
    const isWhole =
      isRecord(config) && textIn(config, 'instance') && (textIn(config, 'job') || textIn(config, 'move'));
    if (!isWhole) throw new Error('"instance" and "job" or "move" are needed');
    this.#place = config;
  }

  getGridOptions(): object {
    return { columns: 'full', rows: 'auto' };
  }

  getCardSize(): number {
    return 1;
  }

  set hass(hass: HomeAssistant) {
    const before = this.#hass;
    this.#hass = hass;
    if (before?.entities !== hass.entities || before.devices !== hass.devices) void this.#find(hass);
    const thing: Thing | undefined = this.#job ?? this.#move;
    const watched = [...(thing?.entities.values() ?? [])];
    const isOther = before?.locale !== hass.locale || before.language !== hass.language;
    if (isOther || watched.some((id) => before?.states[id] !== hass.states[id])) this.redraw();
  }

  async #find(hass: HomeAssistant): Promise<void> {
    const { instance, job, move } = this.#place;
    const daemons = await daemonsIn(hass).catch(() => []);
    const daemon = daemons.find((each) => each.instance === instance);
    this.#job = daemon?.jobs.find(({ id }) => id === job);
    this.#move = daemon?.moves.find(({ id }) => id === move);
    this.redraw();
  }

  protected override drawing(): TemplateResult | typeof nothing {
    const [hass, job, move] = [this.#hass, this.#job, this.#move];
    if (!hass) return nothing;
    const { states, language } = hass;
    const voice: Voice = { words: wordsOf(language), formats: formatsOf(hass), now: Date.now() };
    if (job) {
      const state = stateTextOf(states, job, 'state');
      return stateLines(voice.words, state, jobFigures(voice, states, job), waitingLabel(voice, states, job));
    }
    if (!move) return nothing;
    const now = moveNow(states, move, voice.now);
    const label = moveLabel(voice, now);
    return stateLines(
      voice.words,
      now.state,
      label === voice.words.state(now.state ?? '') ? '' : label,
      null,
    );
  }
}
