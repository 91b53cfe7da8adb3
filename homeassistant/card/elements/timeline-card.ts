import { guard } from 'lit/directives/guard.js';
import { html, nothing, type TemplateResult } from 'lit/html.js';
import { HistoryStream } from '../history/stream.ts';
import type { CardConfig, HomeAssistant } from '../homeassistant.ts';
import type { Daemon } from '../model/farm.ts';
import { daemonsIn } from '../model/registries.ts';
import { stateTextOf } from '../model/values.ts';
import { chosen, DEFAULT_HOURS, type Options, optionsOf } from '../options.ts';
import { withWholePlots } from '../timeline/drawing.ts';
import { type DaemonRows, mapSegments, rowsOf, wantedTracks } from '../timeline/rows.ts';
import { type Scale, spanOf, ticksOf } from '../timeline/scale.ts';
import { type Formats, formatsOf } from '../words/formats.ts';
import type { Voice } from '../words/labels.ts';
import { wordsOf } from '../words/words.ts';
import { cardForm } from './card-form.ts';
import { arrows, axis, TICK_ROOM } from './chart.ts';
import { DrawnElement } from './drawn-element.ts';
import { legend } from './legend.ts';
import { disksPart, jobPart, movesPart, type Stage, shownBy } from './parts.ts';
import { RowPlaces } from './row-places.ts';
import { CARD, CHART, COLOURS } from './styles.ts';
import { WorkerDialog } from './worker-dialog.ts';

/** No oftener than this, in milliseconds: states come in bursts. */
const LEAST_PAUSE_MS = 1_000;
/** Now moves on. */
const TICK_MS = 30_000;
/** Less wide, in pixels, is a phone. */
const SHORT = 520;
/** Of the card, on each side. */
const PADDING = 16;
/** Beside the rows; on a phone labels stand above them. */
const LABEL = 232;

/** The card `custom:plot2mqtt-timeline-card`. */
export class TimelineCard extends DrawnElement {
  #options: Options = optionsOf({});
  #hass: HomeAssistant | undefined;
  #formats: { of: object; formats: Formats } | undefined;
  #daemons: readonly Daemon[] | undefined;
  #watched: ReadonlySet<string> = new Set();
  #width = 0;
  #soon: ReturnType<typeof setTimeout> | undefined;
  /** Moves on with time and with what has happened, not with each percent: a job that stays is not drawn anew. */
  #now = Date.now();
  #drawnAt = -LEAST_PAUSE_MS;
  #ticking: ReturnType<typeof setInterval> | undefined;
  readonly #places = new RowPlaces();
  readonly #history = new HistoryStream(() => {
    this.#now = Date.now();
    this.#drawSoon();
  });
  readonly #size = new ResizeObserver(([entry]) => {
    const width = Math.floor(entry?.contentRect.width ?? 0);
    if (width === this.#width) return;
    this.#width = width;
    this.redraw();
  });

  constructor() {
    super(COLOURS, CHART, CARD);
  }

  static getConfigForm(): object {
    return cardForm();
  }

  static getStubConfig(): object {
    return { hours: DEFAULT_HOURS };
  }

  setConfig(config: CardConfig): void {
    this.#options = optionsOf(config);
    this.#follow();
    this.redraw();
  }

  getCardSize(): number {
    return 8;
  }

  getGridOptions(): object {
    return { columns: 'full', min_columns: 6, rows: 'auto' };
  }

  set hass(hass: HomeAssistant) {
    const before = this.#hass;
    this.#hass = hass;
    if (before?.entities !== hass.entities || before.devices !== hass.devices) this.#ask(hass);
    const isOther = before?.locale !== hass.locale || before.language !== hass.language;
    if (isOther || [...this.#watched].some((id) => before?.states[id] !== hass.states[id])) this.#drawSoon();
  }

  connectedCallback(): void {
    this.#size.observe(this);
    this.#ticking = setInterval(() => {
      this.#now = Date.now();
      this.redraw();
    }, TICK_MS);
    this.#follow();
  }

  disconnectedCallback(): void {
    this.#size.disconnect();
    clearInterval(this.#ticking);
    clearTimeout(this.#soon);
    this.#soon = undefined;
    this.#history.stop();
  }

  #ask(hass: HomeAssistant): void {
    daemonsIn(hass).then(
      (daemons) => {
        this.#daemons = daemons;
        this.#follow();
        this.redraw();
      },
      (error: unknown) => console.warn('plot2mqtt: the registries don’t answer', error),
    );
  }

  /** Follows the past of what is shown, and watches its states. */
  #follow(): void {
    if (!this.#daemons || !this.#hass || !this.isConnected) return;
    const daemons = chosen(this.#daemons, this.#options);
    const things = daemons.flatMap((daemon) => [
      daemon,
      ...daemon.moves,
      ...daemon.jobs.flatMap((job) => [job, ...job.slots]),
    ]);
    this.#watched = new Set(things.flatMap(({ entities }) => [...entities.values()]));
    this.#history.follow(this.#hass, { ...wantedTracks(daemons), hours: this.#options.hours });
  }

  #drawSoon(): void {
    const wait = Math.max(0, this.#drawnAt + LEAST_PAUSE_MS - performance.now());
    this.#soon ??= setTimeout(() => {
      this.#soon = undefined;
      this.redraw();
    }, wait);
  }

  protected override drawing(): TemplateResult | typeof nothing {
    const hass = this.#hass;
    if (!hass) return nothing;
    const voice = this.#voice(hass);
    if (!this.#daemons) return said(voice.words.say('loading'));
    if (this.#daemons.length === 0) return said(voice.words.say('nothing_found'));
    const daemons = chosen(this.#daemons, this.#options);
    if (daemons.every(({ jobs, moves }) => jobs.length + moves.length === 0))
      return said(voice.words.say('nothing_chosen'));
    return this.#timeline(hass, voice, daemons);
  }

  #voice(hass: HomeAssistant): Voice {
    if (this.#formats?.of !== hass.locale) this.#formats = { of: hass.locale, formats: formatsOf(hass) };
    return { words: wordsOf(hass.language), formats: this.#formats.formats, now: this.#now };
  }

  #timeline(hass: HomeAssistant, voice: Voice, daemons: readonly Daemon[]): TemplateResult {
    const { now } = voice;
    const { states } = hass;
    const past = { from: now - this.#options.hours * 3_600_000, to: now };
    const rows = daemons.map((daemon) => rowsOf({ states, tracks: this.#history.tracks, now, past }, daemon));
    const isShort = this.#width < SHORT;
    const label = isShort ? 0 : LABEL;
    const etas = rows.flatMap(({ jobs, moves }) => [
      ...jobs.flatMap((job) => job.rows.flatMap(({ worker }) => (worker.isBusy && worker.eta) || [])),
      ...moves.flatMap(({ isAt }) => isAt.eta ?? []),
    ]);
    const scale: Scale = {
      span: spanOf(now, this.#options.hours, etas),
      width: Math.max(this.#width - 2 * PADDING - label, 0),
      isMirrored: getComputedStyle(this).direction === 'rtl',
    };
    const drawn = rows.map((each) => mapSegments(each, (segments) => withWholePlots(scale, segments, past)));
    const ticks = ticksOf(scale, voice.formats.offsetAt, TICK_ROOM);
    const stage: Stage = {
      ...{ voice, states, scale, ticks },
      openWorker: ({ job, slot }) => this.#dialog()?.show(job, slot),
      openEntity: (entityId) => this.#tell('hass-more-info', { entityId }),
    };
    return html`<ha-card class=${isShort ? 'short' : ''} style="--label: ${label}px" role="region" aria-label=${voice.words.say('timeline')}>
        ${legend(voice.words, states, drawn, isShort)}
        <div class="axis">${axis(scale, ticks, voice.formats)}</div>
        <div class="chart">
          ${drawn.map((rows) => this.#daemon(stage, rows, daemons.length > 1))}
          ${arrows(scale.width, this.#places.height, this.#places.arrows(scale, drawn))}
        </div>
        ${this.#options.disks ? drawn.map(({ daemon }) => disksPart(stage, daemon)) : nothing}
      </ha-card>
      <plot2mqtt-worker-dialog></plot2mqtt-worker-dialog>`;
  }

  #daemon(stage: Stage, { daemon, jobs, moves }: DaemonRows, isNamed: boolean): TemplateResult {
    const isAway = stateTextOf(stage.states, daemon, 'connection') === 'off';
    return html`<div data-daemon=${daemon.instance}>
      ${isNamed ? html`<h2>${daemon.name}</h2>` : nothing}
      ${isAway ? html`<div class="said bad">${daemon.name}: ${stage.voice.words.say('offline')}</div>` : nothing}
      ${jobs.map((rows) => guard(shownBy(stage, rows.job), () => jobPart(stage, rows)))} ${this.#options.disks ? movesPart(stage, moves) : nothing}
    </div>`;
  }

  #dialog(): WorkerDialog | null {
    const dialog = this.root.querySelector('plot2mqtt-worker-dialog');
    return dialog instanceof WorkerDialog ? dialog : null;
  }

  #tell(type: string, detail: object): void {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
  }

  /** What stands above rows may take any number of lines: where they are is known once they are drawn. */
  protected override drawn(): void {
    this.#drawnAt = performance.now();
    if (this.#hass) this.#dialog()?.follow(this.#hass, this.#voice(this.#hass));
    if (this.#places.measure(this.root)) this.redraw();
  }
}

function said(text: string): TemplateResult {
  return html`<ha-card><div class="said">${text}</div></ha-card>`;
}
