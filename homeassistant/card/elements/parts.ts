import { html, nothing, type TemplateResult } from 'lit/html.js';
import type { States } from '../homeassistant.ts';
import type { Disk } from '../model/disks.ts';
import type { Job } from '../model/farm.ts';
import { roomOf, shares } from '../model/room.ts';
import { stateTextOf } from '../model/values.ts';
import { ROW_HEIGHT } from '../timeline/drawing.ts';
import type { JobRows, MoveRow, SlotRow } from '../timeline/rows.ts';
import type { Scale } from '../timeline/scale.ts';
import {
  farLabel,
  jobFigures,
  moveLabel,
  spokenRow,
  type Voice,
  waitingLabel,
  workLabel,
} from '../words/labels.ts';
import type { Words } from '../words/words.ts';
import { chart } from './chart.ts';

/** What all parts of the card need. */
export interface Stage {
  voice: Voice;
  states: States;
  scale: Scale;
  ticks: readonly number[];
  /** A phone's width: less is said. */
  isShort: boolean;
  openWorker(row: SlotRow): void;
  openEntity(id: string): void;
}

/** All that a job's part is drawn from: with a hundred slots only the jobs that have changed are drawn. */
export function shownBy({ voice, states, scale, isShort }: Stage, job: Job): unknown[] {
  const { span, width, isMirrored } = scale;
  const ids = [job, ...job.slots].flatMap(({ entities }) => [...entities.values()]);
  const { words, formats, now } = voice;
  const look = [words.language, formats, now, span.from, span.to, width, isMirrored, isShort, job];
  return [...look, ...ids.map((id) => states[id])];
}

/** A job: how it stands, and a row for each of its slots. */
export function jobPart(stage: Stage, { job, rows }: JobRows): TemplateResult {
  const { voice, states } = stage;
  const state = stateTextOf(states, job, 'state');
  const waiting = waitingLabel(voice, states, job);
  const figures = jobFigures(voice, states, job);
  return html`<section>
    <div class="title">
      <h3><bdi>${job.name}</bdi></h3>
      ${state === null ? nothing : html`<bdi class="state ${state}">${voice.words.state(state)}</bdi>`}
      ${figures === '' ? nothing : html`<bdi class="said">${figures}</bdi>`}
    </div>
    ${waiting === null ? nothing : html`<div><bdi class="said ${state === 'blocked' ? 'bad' : ''}">${waiting}</bdi></div>`}
    ${rows.length === 0 ? html`<div class="said">${voice.words.say('no_workers')}</div>` : slotRows(stage, rows)}
  </section>`;
}

function slotRows(stage: Stage, rows: readonly SlotRow[]): TemplateResult {
  const { voice, isShort } = stage;
  return html`<div class="rows" data-job=${rows[0]?.job.id ?? nothing}>
    ${chart(stage.scale, stage.ticks, voice.now, rows)}
    <ol>
      ${rows.map(
        (row) => html`<li>
          <button
            class="row"
            style="block-size: ${ROW_HEIGHT}px"
            aria-haspopup="dialog"
            aria-label=${spokenRow(voice, row)}
            @click=${() => stage.openWorker(row)}
          >
            <span class="label">
              <span>
                <span class="slot">${row.slot.slot}</span>
                <span class=${row.worker.problem === null ? '' : 'bad'}
                  >${workLabel(voice, row.worker, isShort)}</span
                >
              </span>
              <small><bdi>${farLabel(voice, row.worker, isShort) ?? nothing}</bdi></small>
            </span>
          </button>
        </li>`,
      )}
    </ol>
  </div>`;
}

/** Moves: a row each; a tap opens Home Assistant's own dialog. */
export function movesPart(stage: Stage, rows: readonly MoveRow[]): TemplateResult | typeof nothing {
  const { voice } = stage;
  if (rows.length === 0) return nothing;
  return html`<section>
    <h3>${voice.words.say('moves')}</h3>
    <div class="rows">
      ${chart(
        stage.scale,
        stage.ticks,
        voice.now,
        rows.map(({ segments }) => ({ segments, marks: [] })),
      )}
      <ol>
        ${rows.map(
          (row) => html`<li>
            <button
              class="row"
              style="block-size: ${ROW_HEIGHT}px"
              aria-label="${row.move.name}: ${moveLabel(voice, row)}"
              @click=${() => stage.openEntity(row.move.entities.get('state') ?? '')}
            >
              <span class="label">
                <span><bdi>${row.move.name}</bdi></span>
                <small><bdi>${moveLabel(voice, row)}</bdi></small>
              </span>
            </button>
          </li>`,
        )}
      </ol>
    </div>
  </section>`;
}

/** File systems: a bar each. */
export function disksPart({ voice, states }: Stage, disks: readonly Disk[]): TemplateResult | typeof nothing {
  if (disks.length === 0) return nothing;
  return html`<section>
    <h3>${voice.words.say('disks')}</h3>
    ${disks.map((disk) => diskBar(voice, states, disk))}
  </section>`;
}

/** Why a file system is left out, where that is told. */
function awayLabel(words: Words, state: string | null): string {
  return state === null || state === 'ok' ? words.say('not_known') : words.state(state);
}

function diskBar({ words, formats, now }: Voice, states: States, disk: Disk): TemplateResult {
  const room = roomOf(states, disk);
  const isAway = room.free === null || (room.state !== null && room.state !== 'ok');
  const parts = isAway ? null : shares(room);
  const free = room.free === null ? null : formats.bytes(room.free);
  const total = room.total === null ? null : formats.bytes(room.total);
  const said = [
    isAway ? awayLabel(words, room.state) : null,
    isAway || free === null
      ? null
      : words.say(total === null ? 'free' : 'free_of', { free, total: total ?? '' }),
    !isAway && room.reserved ? words.say('reserved', { reserved: formats.bytes(room.reserved) }) : null,
    room.fullAt === null ? null : words.say('full_at', { time: formats.moment(room.fullAt, now) }),
  ].filter((part) => part !== null);
  const percent = (share: number) => `inline-size: ${(share * 100).toFixed(2)}%`;
  return html`<div class="disk">
    <div><span class="path">${disk.path}</span><bdi class="said ${isAway ? 'bad' : ''}">${said.join(' · ')}</bdi></div>
    ${
      parts === null
        ? nothing
        : html`<div class="bar" aria-hidden="true">
            <div class="used" style=${percent(parts.used)}></div>
            <div class="reserved" style=${percent(parts.reserved)}></div>
          </div>`
    }
  </div>`;
}
