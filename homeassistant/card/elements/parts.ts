import { html, nothing, type TemplateResult } from 'lit/html.js';
import type { States } from '../homeassistant.ts';
import type { Disk } from '../model/disks.ts';
import type { Daemon, Job } from '../model/farm.ts';
import { isFull, type Room, roomOf, shares } from '../model/room.ts';
import { entityOf, stateOf, stateTextOf } from '../model/values.ts';
import { ROW_HEIGHT } from '../timeline/drawing.ts';
import type { JobRows, MoveRow, SlotRow } from '../timeline/rows.ts';
import type { Scale } from '../timeline/scale.ts';
import {
  failureLabel,
  farLabel,
  jobFigures,
  moveLabel,
  roomLabel,
  spokenRow,
  type Voice,
  waitingLabel,
  workLabel,
} from '../words/labels.ts';
import { chart } from './chart.ts';
import { stateLines } from './state-lines.ts';

/** What all parts of the card need. */
export interface Stage {
  voice: Voice;
  states: States;
  scale: Scale;
  ticks: readonly number[];
  openWorker(row: SlotRow): void;
  openEntity(id: string): void;
}

/** All that a job's part is drawn from: with a hundred slots only the jobs that have changed are drawn. */
export function shownBy({ voice, states, scale }: Stage, job: Job): unknown[] {
  const { span, width, isMirrored } = scale;
  const ids = [job, ...job.slots].flatMap(({ entities }) => [...entities.values()]);
  const { words, formats, now } = voice;
  const look = [words.language, formats, now, span.from, span.to, width, isMirrored, job];
  return [...look, ...ids.map((id) => states[id])];
}

/** A job: how it stands, a row for each of its slots, and why the last of each that failed did. */
export function jobPart(stage: Stage, { job, rows }: JobRows): TemplateResult {
  const { voice, states } = stage;
  const failures = rows.flatMap(({ slot, marks }) => marks.slice(-1).map((mark) => ({ slot, mark })));
  return html`<section>
    ${stateLines(
      voice.words,
      stateTextOf(states, job, 'state'),
      jobFigures(voice, states, job),
      waitingLabel(voice, states, job),
      html`<h3><bdi>${job.name}</bdi></h3>`,
    )}
    ${rows.length === 0 ? html`<div class="said">${voice.words.say('no_workers')}</div>` : slotRows(stage, rows)}
    ${failures.map(
      ({ slot, mark }) =>
        html`<div class="said bad">✕ <bdi>${failureLabel(voice, slot.slot, mark)}</bdi></div>`,
    )}
  </section>`;
}

function slotRows(stage: Stage, rows: readonly SlotRow[]): TemplateResult {
  const { voice } = stage;
  return html`<div class="rows" data-job=${rows[0]?.job.id ?? nothing}>
    ${chart(stage.scale, stage.ticks, voice.now, rows)}
    <ol>
      ${rows.map((row) => {
        const { slot, worker } = row;
        const what = html`<span class="slot">${slot.slot}</span>
          <span class=${worker.problem === null ? '' : 'bad'}>${workLabel(voice, worker)}</span>`;
        return button(
          spokenRow(voice, row),
          what,
          farLabel(voice, worker),
          () => stage.openWorker(row),
          true,
        );
      })}
    </ol>
  </div>`;
}

/** Moves: a row each; a tap opens Home Assistant's own dialog. */
export function movesPart(stage: Stage, rows: readonly MoveRow[]): TemplateResult | typeof nothing {
  const { voice } = stage;
  if (rows.length === 0) return nothing;
  const shown = rows.map(({ segments }) => ({ segments, marks: [] }));
  return html`<section>
    <h3>${voice.words.say('moves')}</h3>
    <div class="rows">
      ${chart(stage.scale, stage.ticks, voice.now, shown)}
      <ol>
        ${rows.map(({ move, isAt }) => {
          const far = moveLabel(voice, isAt);
          const open = () => stage.openEntity(entityOf(move, 'state') ?? '');
          return button(`${move.name}: ${far}`, html`<bdi>${move.name}</bdi>`, far, open, false);
        })}
      </ol>
    </div>
  </section>`;
}

/** A row: what it is, how far that is, and what a tap opens. */
function button(
  spoken: string,
  what: TemplateResult,
  far: string | null,
  open: () => void,
  opensDialog: boolean,
): TemplateResult {
  return html`<li>
    <button
      class="row"
      style="block-size: ${ROW_HEIGHT}px"
      aria-haspopup=${opensDialog ? 'dialog' : nothing}
      aria-label=${spoken}
      @click=${open}
    >
      <span class="label">
        <span>${what}</span>
        <small><bdi>${far ?? nothing}</bdi></small>
      </span>
    </button>
  </li>`;
}

/** More full disks than this are one line, which a tap opens. */
const MANY_FULL = 2;

/** File systems: a bar each. */
export function disksPart(stage: Stage, daemon: Daemon): TemplateResult | typeof nothing {
  const { voice, states } = stage;
  if (daemon.disks.length === 0) return nothing;
  const disks = daemon.disks.map((disk) => ({ disk, room: roomOf(states, disk) }));
  const full = disks.filter(({ room }) => isFull(room));
  const isMany = full.length > MANY_FULL;
  const bar = ({ disk, room }: { disk: Disk; room: Room }) => diskBar(stage, daemon, disk, room);
  return html`<section>
    <h3>${voice.words.say('disks')}</h3>
    <div class="disks">${disks.filter(({ room }) => !(isMany && isFull(room))).map(bar)}</div>
    ${
      isMany
        ? html`<details>
            <summary class="said"><bdi>${voice.words.say('full_disks', { count: full.length })}</bdi></summary>
            <div class="disks">${full.map(bar)}</div>
          </details>`
        : nothing
    }
  </section>`;
}

/** What a daemon says of a file system, among what should be looked after. */
function problemOf(states: States, daemon: Daemon, path: string): string | undefined {
  const problems = stateOf(states, daemon, 'problem')?.attributes.problems;
  const texts: unknown[] = Array.isArray(problems) ? problems : [];
  return texts
    .map(String)
    .findLast((text) => [' ', '/'].some((end) => `${text} `.includes(` ${path}${end}`)));
}

function diskBar({ voice, states }: Stage, daemon: Daemon, { path }: Disk, room: Room): TemplateResult {
  const isThere = room.free !== null && (room.state ?? 'ok') === 'ok';
  const parts = isThere ? shares(room) : null;
  const percent = (share: number) => `inline-size: ${(share * 100).toFixed(2)}%`;
  return html`<div class="disk">
    <div>
      <span class="path">${path}</span>
      <bdi class="said ${isThere ? '' : 'bad'}">${roomLabel(voice, room, problemOf(states, daemon, path))}</bdi>
    </div>
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
