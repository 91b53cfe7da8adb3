import type {
  EntityState,
  HistoryState,
  RegistryDevice,
  RegistryEntity,
} from '../../../homeassistant/card/homeassistant.ts';
import { FARM_ROWS } from '../../../src/contract/rows/farm.ts';
import { JOB_ROWS } from '../../../src/contract/rows/job.ts';
import { MOVE_ROWS } from '../../../src/contract/rows/move.ts';
import { STATS_ROWS } from '../../../src/contract/rows/stats.ts';
import { WORKER_ROWS } from '../../../src/contract/rows/worker.ts';
import { BRIDGE_ENTITIES, holdEntity, shownHolds } from '../../../src/homeassistant/entities/bridge.ts';
import type { Entity } from '../../../src/homeassistant/entities/entity.ts';
import { fileSystemEntities } from '../../../src/homeassistant/entities/file-systems.ts';
import { JOB_ENTITIES } from '../../../src/homeassistant/entities/job.ts';
import { MOVE_ENTITIES } from '../../../src/homeassistant/entities/move.ts';
import { phaseEntities, WORKER_ENTITIES } from '../../../src/homeassistant/entities/worker.ts';
import type { MoveView } from '../../../src/contract/views.ts';
import { type FarmStory, tell, type Told } from '../farm/views.ts';
import { type JobStory, PHASES } from '../farm/story.ts';
import { CELLAR } from '../farm/cellar.ts';
import { Registries, type Shown, shownOf } from './entities.ts';
import { historyOf } from './history.ts';

/** What Home Assistant knows of a farm that never was: its registries, its states, and their past. */
export interface Farm {
  told: Told;
  entities: RegistryEntity[];
  devices: RegistryDevice[];
  states: Record<string, EntityState>;
  history: Record<string, HistoryState[]>;
}

const NO_MOVES = { moves: [], disks: null, holds: {}, maxWorkers: 8 };

/** A farm of these jobs alone. */
export function farmOf(now: number, jobs: readonly JobStory[], base = 'plot2mqtt'): Farm {
  return inHomeAssistant({ ...NO_MOVES, base, jobs }, now);
}

/** A farm as one may stand in a cellar: two jobs that plot, one that can't, a move, twenty disks and two NVMes. */
export function cellar(now: number): Farm {
  return inHomeAssistant(CELLAR, now);
}

/** A hundred slots. */
export function hall(now: number): Farm {
  const racks = Array.from({ length: 10 }, (_, index): JobStory => {
    const [rack, hours] = [index + 1, 1 + ((index + 1) % 4)];
    return { id: `rack${rack}`, title: `Rack ${rack}`, slots: 10, hours, chained: rack % 2 === 0 };
  });
  return farmOf(now, racks);
}

function inHomeAssistant(story: FarmStory, now: number): Farm {
  const told = tell(story, now);
  const known = new Registries(story.base, now);
  known.add({ kind: 'bridge' }, story.base, bridgeTable(told), bridgeShown(told));
  for (const { id, title } of story.jobs) {
    const view = told.jobViews.get(id);
    if (!view) continue;
    known.add({ kind: 'job', job: id }, title, JOB_ENTITIES.filter(isPlain), {
      ...shownOf(PLAIN_JOB_ROWS, view),
      problem: onWhere(view.blocked_reason !== 'none', view.waiting_text),
      held_by: { state: view.holds.join(', ') || 'none' },
    });
    for (const [slot, worker] of told.workerViews.get(id) ?? []) {
      const table = [...WORKER_ENTITIES, ...phaseEntities(PHASES)];
      known.add({ kind: 'worker', job: id, slot }, `${title} worker ${slot}`, table, {
        ...shownOf(WORKER_ROWS, worker),
        phase: { state: worker.phase_title ?? 'unknown' },
      });
    }
  }
  for (const [id, view] of told.moveViews)
    known.add({ kind: 'move', move: id }, view.title, MOVE_ENTITIES, {
      ...shownOf(MOVE_ROWS, view),
      problem: onWhere(view.failures > 0, null),
      state: { state: view.state, attributes: { active: view.active.map(withoutRates) } },
      files_moving: { state: String(view.active.length) },
    });
  const { entities, devices, states } = known;
  return { told, entities, devices, states, history: historyOf(told, known) };
}

const isPlain = ({ needs }: Entity) => needs === undefined;
const PLAIN_JOB_ROWS = Object.fromEntries(
  Object.entries(JOB_ROWS).filter(([, row]) => !('entity' in row && 'needs' in row.entity)),
);

function onWhere(isOn: boolean, text: string | null): Shown {
  return { state: isOn ? 'on' : 'off', attributes: { text: isOn ? text : null } };
}

function withoutRates({ plot, from, to, size, progress }: MoveView['active'][number]) {
  return { plot, from, to, size, progress: Math.floor(progress) };
}

function bridgeTable({ story, filesystems }: Told): Entity[] {
  const disks = [...filesystems.map(({ path }) => path), ...(story.disks?.away ?? [])];
  const holds = new Map(Object.entries(story.holds).map(([name, title]) => [name, { title }]));
  return [
    ...BRIDGE_ENTITIES,
    ...shownHolds(holds).map(holdEntity),
    ...disks.flatMap((path) => diskEntities(path, story.base)),
  ];
}

const diskEntities = (path: string, base: string) =>
  fileSystemEntities({ path, shown: path, nth: 0 }, `${base}id`);

function bridgeShown({ story, farm, stats, filesystems }: Told): Record<string, Shown> {
  const holds = ['pause', 'drain', ...Object.keys(story.holds).map((name) => `hold_${name}`)];
  const disks = filesystems.flatMap(({ path, state, ...room }) => {
    const [free, used, fullAt] = diskEntities(path, story.base).map(({ key }) => key);
    const { total_bytes, reserved_bytes } = room;
    const attributes = { total_bytes, reserved_bytes, state, disk_state: state };
    return [
      [free, { state: ((room.free_bytes ?? 0) / 2 ** 30).toFixed(1), attributes }],
      [used, { state: String(room.used_percent) }],
      [fullAt, { state: room.full_at ?? 'unknown' }],
    ];
  });
  const away = (story.disks?.away ?? []).flatMap((path) =>
    diskEntities(path, story.base).map(({ key }) => [key, { state: 'unavailable' }]),
  );
  return {
    ...shownOf(FARM_ROWS, farm),
    ...shownOf(STATS_ROWS, stats),
    connection: { state: 'on' },
    problem: { state: farm.problems.length > 0 ? 'on' : 'off', attributes: { problems: farm.problems } },
    held_by: { state: 'none', attributes: { holds: [] } },
    state_files: { state: 'off' },
    ...Object.fromEntries(holds.map((hold) => [hold, { state: 'off' }])),
    ...Object.fromEntries([...disks, ...away]),
  };
}
