import { html, nothing, type TemplateResult } from 'lit/html.js';
import type { HomeAssistant } from '../homeassistant.ts';
import type { Job, Slot } from '../model/farm.ts';
import { entityOf, stateTextOf } from '../model/values.ts';
import { type WorkerNow, workerNow } from '../model/worker.ts';
import { causeLabel, etaLabel, type Voice, workLabel } from '../words/labels.ts';
import type { Word } from '../words/words.ts';
import { DrawnElement } from './drawn-element.ts';
import { COLOURS, DIALOG } from './styles.ts';

/** What can be done to a worker, each asked back. */
interface Deed {
  word: Word;
  question: Word;
  /** What it calls, on which entity. */
  service: readonly [domain: string, service: string];
  entity: string | undefined;
  isGrave?: true;
}

/** One slot: what its worker is at, and what can be done. */
export class WorkerDialog extends DrawnElement {
  #hass: HomeAssistant | undefined;
  #voice: Voice | undefined;
  #shown: { job: Job; slot: Slot } | undefined;
  #asked: Deed | undefined;
  #said: { text: string; isBad: boolean } | undefined;

  constructor() {
    super(COLOURS, DIALOG);
  }

  /** What it shows now; asked for at each change. */
  follow(hass: HomeAssistant, voice: Voice): void {
    this.#hass = hass;
    this.#voice = voice;
    if (this.#shown) this.redraw();
  }

  show(job: Job, slot: Slot): void {
    this.#shown = { job, slot };
    this.#asked = undefined;
    this.#said = undefined;
    this.drawNow();
    this.root.querySelector('dialog')?.showModal();
  }

  #close(): void {
    this.root.querySelector('dialog')?.close();
  }

  protected override drawing(): TemplateResult | typeof nothing {
    const [hass, voice, shown] = [this.#hass, this.#voice, this.#shown];
    if (!hass || !voice || !shown) return nothing;
    const { job, slot } = shown;
    const worker = workerNow(hass.states, slot);
    return html`<dialog
      aria-labelledby="title"
      @close=${() => {
        this.#shown = undefined;
      }}
      @click=${(event: Event) => {
        if (event.target === event.currentTarget) this.#close();
      }}
    >
      <h2 id="title">${voice.words.say('worker_of', { job: job.name, slot: slot.slot })}</h2>
      <dl>${facts(voice, hass, job, worker)}</dl>
      ${this.#said ? html`<p class="question ${this.#said.isBad ? 'bad' : ''}" role="status">${this.#said.text}</p>` : nothing}
      ${this.#asked ? this.#question(voice, this.#asked, job) : this.#deeds(voice, deedsFor(hass, job, slot, worker))}
    </dialog>`;
  }

  #deeds({ words }: Voice, deeds: readonly Deed[]): TemplateResult {
    return html`<div class="buttons">
      ${deeds.map(
        (deed) => html`<button
          class=${deed.isGrave ? 'grave' : ''}
          @click=${() => {
            this.#asked = deed;
            this.#said = undefined;
            this.redraw();
          }}
        >
          ${words.say(deed.word)}
        </button>`,
      )}
      <button class="go" @click=${() => this.#close()}>${words.say('close')}</button>
    </div>`;
  }

  #question({ words }: Voice, deed: Deed, job: Job): TemplateResult {
    return html`<p class="question" role="alert">${words.say(deed.question, { job: job.name })}</p>
      <div class="buttons">
        <button
          @click=${() => {
            this.#asked = undefined;
            this.redraw();
          }}
        >
          ${words.say('cancel')}
        </button>
        <button class="go ${deed.isGrave ? 'grave' : ''}" @click=${() => this.#perform(deed)}>${words.say(deed.word)}</button>
      </div>`;
  }

  /** A user who may only look is told so by Home Assistant. */
  async #perform({ service: [domain, service], entity: entity_id }: Deed): Promise<void> {
    const [hass, words] = [this.#hass, this.#voice?.words];
    this.#asked = undefined;
    if (!hass || !words || entity_id === undefined) return;
    try {
      await hass.callService(domain, service, {}, { entity_id });
      this.#said = { text: words.say('sent'), isBad: false };
    } catch (error) {
      this.#said = { text: words.say('not_sent', { error: messageOf(error) }), isBad: true };
    }
    this.redraw();
  }
}

function facts(voice: Voice, { states }: HomeAssistant, job: Job, worker: WorkerNow): TemplateResult[] {
  const { words, formats, now } = voice;
  const error = worker.status === 'failed' ? stateTextOf(states, job, 'last_error') : null;
  const rows: [Word, string | null, look?: string][] = [
    ['problem', worker.problem ?? error, 'bad'],
    ['status', workLabel(voice, worker)],
    ['progress', worker.isBusy && worker.progress !== null ? formats.percent(worker.progress) : null],
    ['started', worker.startedAt === null ? null : formats.moment(worker.startedAt, now)],
    ['eta', worker.isBusy ? etaLabel(voice, worker.eta) : null],
    ['cause', worker.isBusy ? causeLabel(voice, worker.cause) : null],
    ['temp_dir', worker.isBusy ? worker.tempDir : null, 'path'],
    ['dest_dir', worker.isBusy ? worker.destDir : null, 'path'],
  ];
  return rows.flatMap(([word, value, look = '']) =>
    value === null ? [] : [html`<dt>${words.say(word)}</dt><dd class=${look}>${value}</dd>`],
  );
}

/** What can be done now, as far as there are entities for it. */
function deedsFor({ states }: HomeAssistant, job: Job, slot: Slot, worker: WorkerNow): Deed[] {
  const paused = entityOf(slot, 'paused');
  const pause: Deed = worker.isPaused
    ? { word: 'resume', question: 'ask_resume', service: ['switch', 'turn_off'], entity: paused }
    : { word: 'pause', question: 'ask_pause', service: ['switch', 'turn_on'], entity: paused };
  const press = ['button', 'press'] as const;
  const dismiss: Deed = {
    ...{ word: 'dismiss', question: 'ask_dismiss', service: press, entity: entityOf(slot, 'dismiss') },
    isGrave: true,
  };
  const start: Deed = {
    ...{ word: 'start', question: 'ask_start', service: press, entity: entityOf(job, 'start_worker') },
  };
  return [...(worker.isBusy ? [dismiss, pause] : []), start].filter(({ entity }) => {
    const state = states[entity ?? '']?.state;
    return state !== undefined && state !== 'unavailable';
  });
}

function messageOf(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'message' in error) return String(error.message);
  return String(error);
}
