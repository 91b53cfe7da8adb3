import type { HistoryState } from '../../../homeassistant/card/homeassistant.ts';
import type { Subject } from '../../../src/homeassistant/ids.ts';
import { eveningOf } from '../farm/evening.ts';
import { HOUR, isMade, isRunning, MINUTE, type Work } from '../farm/story.ts';
import { aboutOf, plotName, type Told } from '../farm/views.ts';
import type { Registries } from './entities.ts';

type History = Record<string, HistoryState[]>;
type Said = [at: number, state: string, attributes?: Record<string, unknown>];

/** What the card shows, and what graphs of a day do, nearly. */
const SHOWN = [24, 12].map((hours) => hours * HOUR - 4 * MINUTE);

/** What Home Assistant's recorder would have of what is drawn, until now. */
export function historyOf(told: Told, known: Registries): History {
  const { now, work, story } = told;
  const history: History = {};
  const put = (subject: Subject, platform: 'sensor' | 'event', key: string, said: readonly Said[]) => {
    const id = known.idOf(subject, { key, platform });
    const past = said.filter(([at]) => at <= now).sort(([one], [other]) => one - other);
    // A Home Assistant that has just begun tells nothing of what was before the time that is asked for.
    for (const ago of platform === 'sensor' ? SHOWN : []) {
      const before = past.findLastIndex(([at]) => at <= now - ago);
      const [, state, about = {}] = past[before] ?? [];
      if (state !== undefined) past.splice(before + 1, 0, [now - ago, state, about]);
    }
    history[id] = past.map(([at, s, a = {}]) => ({ s, a, lu: at / 1000 }));
  };
  const bridge = { kind: 'bridge' } as const;
  for (const job of story.jobs) {
    const own = work.filter((one) => one.job === job);
    const subject = { kind: 'job', job: job.id } as const;
    for (const slot of told.workerViews.get(job.id)?.keys() ?? []) {
      const inSlot = own.filter((one) => one.slot === slot);
      const worker = { kind: 'worker', job: job.id, slot } as const;
      put(worker, 'sensor', 'status', inSlot.flatMap(statusOf));
      put(worker, 'sensor', 'phase', inSlot.flatMap(phasesOf));
    }
    if (own.length === 0) continue;
    put(subject, 'sensor', 'state', [[own[0]?.from ?? now, 'running']]);
    put(subject, 'event', 'event', own.flatMap(eventsOf));
    put(
      subject,
      'sensor',
      'running_workers',
      counted(own, (at) => own.filter((one) => isRunning(one, at))),
    );
    put(
      subject,
      'sensor',
      'plots_done',
      counted(own, (at) => own.filter((one) => isMade(one, at)), job.before),
    );
  }
  put(
    bridge,
    'event',
    'event',
    work.flatMap(eventsOf).filter(([, , a]) => a?.event_type !== 'worker_started'),
  );
  put(
    bridge,
    'sensor',
    'running_workers',
    counted(work, (at) => work.filter((one) => isRunning(one, at))),
  );
  const { midnight } = eveningOf(now);
  const today = (at: number) =>
    work.filter((one) => isMade(one, at) && one.to >= (at < midnight ? midnight - 86_400_000 : midnight));
  put(bridge, 'sensor', 'plots_today', [[midnight, '0'], ...counted(work, today)]);
  for (const { story: move, states } of told.moves)
    put(
      { kind: 'move', move: move.id },
      'sensor',
      'state',
      states.map(({ at, state }): Said => [at, state]),
    );
  return history;
}

/** How many there were at each start and end. */
function counted(work: readonly Work[], those: (at: number) => readonly Work[], before = 0): Said[] {
  const moments = work.flatMap(({ from, to }) => [from, to]);
  return moments.map((at): Said => [at, String(before + those(at).length)]);
}

function statusOf(work: Work): Said[] {
  const { from, to, pause, error } = work;
  const about = { worker: work.id, ...aboutOf(work) };
  const paused: Said[] = pause
    ? [
        [pause.from, 'paused', about],
        [pause.to, 'plotting', about],
      ]
    : [];
  const end: Said = error === null ? [to, 'idle', { worker: null }] : [to, 'failed', about];
  return [[from, 'plotting', about], ...paused, end];
}

/** Told a second after the status. */
function phasesOf({ from, to, phases }: Work): Said[] {
  return [
    ...phases.map((phase, index): Said => [index === 0 ? from + 1000 : phase.from, phase.title]),
    [to, 'unknown'],
  ];
}

function eventsOf(work: Work): Said[] {
  const { job, slot, id, cause, from, to, error } = work;
  const said = (at: number, event_type: string, more: object): Said => {
    const iso = new Date(at).toISOString();
    return [at, iso, { event_type, at: iso, job: job.id, slot, worker: id, ...more }];
  };
  const fired =
    cause.kind === 'event'
      ? [said(cause.firedAt, 'event_fired', { seq: cause.seq, name: cause.event, slot: cause.firedBy })]
      : [];
  const failed = error === null ? [] : [said(to - 1, 'worker_failed', { error })];
  const result = error === null ? 'done' : 'failed';
  const plot = error === null ? `${job.destDir ?? '/mnt'}/${plotName(work)}` : null;
  return [
    ...fired,
    said(from, 'worker_started', { run: id }),
    ...failed,
    said(to, 'worker_end', { result, plot, error }),
  ];
}
