import { html, nothing, type TemplateResult } from 'lit/html.js';
import type { CardConfig, HomeAssistant } from '../homeassistant.ts';
import type { Job } from '../model/farm.ts';
import { daemonsIn } from '../model/registries.ts';
import { isRecord, stateTextOf, textIn } from '../model/values.ts';
import { formatsOf } from '../words/formats.ts';
import { jobFigures, waitingLabel } from '../words/labels.ts';
import { wordsOf } from '../words/words.ts';
import { DrawnElement } from './drawn-element.ts';
import { CARD, COLOURS } from './styles.ts';

/**
 * How a job stands, in the user's words: the dashboard's, at the head of a job's section. Home Assistant shows the
 * words of states that come over MQTT as they are.
 */
export class JobCard extends DrawnElement {
  #place = { instance: '', job: '' };
  #hass: HomeAssistant | undefined;
  #job: Job | undefined;

  constructor() {
    super(COLOURS, CARD);
  }

  setConfig(config: CardConfig): void {
    const [instance, job] = isRecord(config) ? [textIn(config, 'instance'), textIn(config, 'job')] : [];
    if (!instance || !job) throw new Error('"instance" and "job" are needed');
    this.#place = { instance, job };
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
    const watched = [...(this.#job?.entities.values() ?? [])];
    const isOther = before?.locale !== hass.locale || before.language !== hass.language;
    if (isOther || watched.some((id) => before?.states[id] !== hass.states[id])) this.redraw();
  }

  async #find(hass: HomeAssistant): Promise<void> {
    const { instance, job } = this.#place;
    const daemons = await daemonsIn(hass).catch(() => []);
    this.#job = daemons.find((daemon) => daemon.instance === instance)?.jobs.find(({ id }) => id === job);
    this.redraw();
  }

  protected override drawing(): TemplateResult | typeof nothing {
    const [hass, job] = [this.#hass, this.#job];
    if (!hass || !job) return nothing;
    const voice = { words: wordsOf(hass.language), formats: formatsOf(hass), now: Date.now() };
    const state = stateTextOf(hass.states, job, 'state');
    const waiting = waitingLabel(voice, hass.states, job);
    return html`<div class="title">
        ${state === null ? nothing : html`<bdi class="state ${state}">${voice.words.state(state)}</bdi>`}
        <bdi class="said">${jobFigures(voice, hass.states, job)}</bdi>
      </div>
      ${waiting === null ? nothing : html`<bdi class="said ${state === 'blocked' ? 'bad' : ''}">${waiting}</bdi>`}`;
  }
}
