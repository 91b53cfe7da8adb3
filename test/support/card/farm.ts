import type {
  EntityState,
  HistoryState,
  RegistryDevice,
  RegistryEntity,
} from '../../../homeassistant/card/homeassistant.ts';

/** What Home Assistant knows of a farm that never was: its registries, its states, and their past. */
export interface Farm {
  entities: RegistryEntity[];
  devices: RegistryDevice[];
  states: Record<string, EntityState>;
  history: Record<string, HistoryState[]>;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
export const PHASES = ['Computing tables', 'Propagating back', 'Compressing', 'Writing', 'Copying'];
/** Shares of a plot's time. */
const LENGTHS = [0.42, 0.2, 0.24, 0.04, 0.1];

export interface FarmJob {
  id: string;
  title: string;
  slots: number;
  /** How long a plot takes, in hours. */
  hours: number;
  /** Started by the named event of another one's second phase. */
  chained?: boolean;
  state?: string;
  waiting?: { reason: string; text: string };
  attributes?: Record<string, unknown>;
}

/** Fills in the registries and states of one daemon. */
export class FarmMaker {
  readonly farm: Farm = { entities: [], devices: [], states: {}, history: {} };
  readonly now: number;
  readonly base: string;
  readonly hours: number;
  #seq = 100;

  constructor(now: number, base = 'plot2mqtt', hours = 12) {
    this.now = now;
    this.base = base;
    this.hours = hours;
    this.#device('bridge', base);
    this.thing('bridge', 'connection', 'binary_sensor', 'on');
    const [running, today] = [3, 7];
    this.#steps(this.thing('bridge', 'running_workers', 'sensor', String(running)), [
      4,
      3,
      5,
      4,
      2,
      4,
      running,
    ]);
    this.#steps(this.thing('bridge', 'plots_today', 'sensor', String(today)), [1, 2, 3, 4, 5, 6, today]);
    this.thing('bridge', 'plots_done', 'sensor', '1207');
    this.thing('bridge', 'plots_per_day', 'sensor', '11');
    this.thing('bridge', 'pause', 'switch', 'off', { named: 'Pause' });
    this.thing('bridge', 'drain', 'switch', 'off', { named: 'Drain' });
    this.thing('bridge', 'hold_price', 'switch', 'off', { named: 'Expensive power' });
    this.thing('bridge', 'max_workers', 'number', '8');
    this.thing('bridge', 'problem', 'binary_sensor', 'on', {
      problems: ['Cold storage is blocked: /mnt/cold is not mounted.', '/mnt/farm3 is away.'],
    });
    this.thing('bridge', 'event', 'event', new Date(now).toISOString());
  }

  /** Adds an entity; answers its id. */
  thing(
    place: string,
    key: string,
    domain: string,
    state: string,
    attributes: Record<string, unknown> = {},
  ): string {
    const entity_id = `${domain}.${this.base}_${place}_${key}`.replace(/__|-/g, '_');
    const unique_id = `plot2mqtt__${this.base}id__${place}__${key}`;
    this.farm.entities.push({
      ...{ entity_id, unique_id, platform: 'mqtt', device_id: `${this.base} ${place}` },
      ...{ disabled_by: null, name: null, original_name: String(attributes.named ?? key) },
    });
    const last_changed = new Date(this.now).toISOString();
    this.farm.states[entity_id] = { entity_id, state, attributes, last_changed };
    return entity_id;
  }

  job(job: FarmJob): this {
    const place = `job__${job.id}`;
    this.#device(place, job.title);
    this.thing(place, 'state', 'sensor', job.state ?? 'running');
    this.thing(place, 'plots_done', 'sensor', '43');
    this.thing(place, 'plots_to_do', 'number', '100');
    this.thing(place, 'waiting_starts', 'sensor', job.id === 'nightly' ? '1' : '0');
    this.thing(place, 'plots_per_day', 'sensor', '11');
    this.thing(place, 'progress', 'sensor', '43');
    this.thing(place, 'average_plot_duration', 'sensor', String(job.hours * 3600));
    this.thing(place, 'enabled', 'switch', 'on');
    this.thing(place, 'paused', 'switch', 'off');
    this.thing(place, 'max_workers', 'number', String(Math.max(job.slots, 1)));
    this.thing(place, 'dismiss_all', 'button', 'unknown');
    this.thing(place, 'reset', 'button', 'unknown');
    this.thing(place, 'start_worker', 'button', 'unknown');
    const { reason = 'event', text = 'It waits for the event "next".' } = job.waiting ?? {};
    this.thing(place, 'waiting_for', 'sensor', reason, { text });
    for (let slot = 1; slot <= job.slots; slot += 1) this.#slot(job, slot);
    return this;
  }

  move(id: string, title: string): this {
    const place = `move__${id}`;
    this.#device(place, title);
    const state = this.thing(place, 'state', 'sensor', 'moving', { active: [] });
    this.thing(place, 'enabled', 'switch', 'on');
    this.thing(place, 'paused', 'switch', 'off');
    this.thing(place, 'speed', 'sensor', '214');
    this.thing(place, 'files_waiting', 'sensor', '3');
    this.thing(place, 'files_moving', 'sensor', '2');
    this.farm.history[state] = [
      ['idle', 12],
      ['moving', 9],
      ['waiting', 6.5],
      ['moving', 6],
      ['idle', 4],
      ['moving', 0.7],
    ].map(([s, ago]) => ({ s: String(s), a: {}, lu: (this.now - Number(ago) * HOUR) / 1000 }));
    return this;
  }

  disk(
    path: string,
    free: number | null,
    total: number,
    reserved: number,
    more: Record<string, unknown> = {},
  ): this {
    const key = path.replace(/\W+/g, '_');
    this.thing('bridge', `free_space${key}`, 'sensor', String(free ?? 'unknown'), {
      ...{ unit_of_measurement: 'GiB', named: `Free space ${path}`, state: 'ok' },
      ...{ total_bytes: total * 2 ** 30, reserved_bytes: reserved * 2 ** 30, ...more },
    });
    return this;
  }

  /** A number's past: a step every hour and a half. */
  #steps(id: string, values: readonly number[]): void {
    this.farm.history[id] = values.map((value, index) => ({
      ...{ s: String(value), a: {} },
      lu: (this.now - (values.length - index) * 1.5 * HOUR) / 1000,
    }));
  }

  #device(place: string, name: string): void {
    this.farm.devices.push({ id: `${this.base} ${place}`, name, name_by_user: null });
  }

  /** A slot that has made plots one after the other; the first of the farm fires the event that others start on. */
  #slot(job: FarmJob, slot: number): void {
    const place = `job__${job.id}__worker__${slot}`;
    this.#device(place, `${job.title} worker ${slot}`);
    const long = job.hours * HOUR;
    const began = this.now - this.hours * HOUR - HOUR - ((slot * 37) % 60) * MINUTE * job.hours;
    const status: HistoryState[] = [];
    const phase: HistoryState[] = [];
    let worker = 0;
    let start = began;
    for (; start < this.now; start += long + 3 * MINUTE) {
      worker += 1;
      const about = this.#about(job, slot, worker, start);
      const failed = worker === 2 && slot === 2;
      status.push({ s: 'plotting', a: about, lu: start / 1000 });
      this.#phases(phase, start, long, failed ? 0.5 * long : long);
      if (slot === 1 && worker === 2)
        status.push(
          { s: 'paused', a: about, lu: (start + 0.5 * long) / 1000 },
          { s: 'plotting', a: about, lu: (start + 0.6 * long) / 1000 },
        );
      const end = start + (failed ? 0.5 * long : long);
      const free = { s: failed ? 'failed' : 'idle', a: {}, lu: end / 1000 };
      if (end < this.now) status.push(free);
    }
    start -= long + 3 * MINUTE;
    const known = (states: HistoryState[]) =>
      states.filter(({ lu }) => lu * 1000 <= this.now).sort((a, b) => a.lu - b.lu);
    const last = known(status).at(-1);
    const [share, isBusy] = [(this.now - start) / long, last?.s === 'plotting' || last?.s === 'paused'];
    const eta = start + long;
    const id = this.thing(place, 'status', 'sensor', last?.s ?? 'idle', { ...last?.a });
    const phaseId = this.thing(
      place,
      'phase',
      'sensor',
      isBusy ? (known(phase).at(-1)?.s ?? 'unknown') : 'unknown',
      {
        options: PHASES,
      },
    );
    this.thing(place, 'progress', 'sensor', isBusy ? String(Math.round(share * 100)) : 'unknown');
    this.thing(place, 'eta', 'sensor', isBusy ? new Date(eta).toISOString() : 'unknown');
    this.thing(place, 'paused', 'switch', 'off');
    this.thing(place, 'dismiss', 'button', 'unknown');
    this.thing(place, 'problem', 'binary_sensor', 'off', { text: null });
    this.farm.history[id] = known(status);
    this.farm.history[phaseId] = known(phase);
  }

  #phases(phase: HistoryState[], start: number, long: number, lasts: number): void {
    let at = start + 1000;
    for (const [index, title] of PHASES.entries()) {
      if (at - start > lasts) break;
      phase.push({ s: title, a: {}, lu: at / 1000 });
      at += (LENGTHS[index] ?? 0) * long;
    }
    phase.push({ s: 'unknown', a: {}, lu: (start + lasts) / 1000 });
  }

  #about(job: FarmJob, slot: number, worker: number, start: number): Record<string, unknown> {
    const seq = job.chained ? this.#fired(start) : null;
    return {
      ...{ worker: `${job.id}-${slot}-${worker}`, run: `${job.id}-${slot}-${worker}` },
      started_at: new Date(start).toISOString(),
      cause: job.chained
        ? { kind: 'event', event: 'next', seq }
        : { kind: 'keep_running', event: null, seq: null },
      ...{ temp_dir: '/mnt/nvme0/tmp', dest_dir: '/mnt/nvme0/done' },
    };
  }

  #fired(at: number): number {
    const first = this.farm.entities.find(({ unique_id }) =>
      /__job__[^_]+__worker__1__status$/.test(unique_id),
    );
    const job = first?.unique_id.split('__')[3] ?? null;
    this.#seq += 1;
    const event = `event.${this.base}_bridge_event`;
    const told = new Date(at - 2000).toISOString();
    const a = { event_type: 'event_fired', seq: this.#seq, name: 'next', at: told, job, slot: 1 };
    const past = this.farm.history[event] ?? [];
    this.farm.history[event] = [...past, { s: told, a, lu: (at - 2000) / 1000 }].sort(
      (one, other) => one.lu - other.lu,
    );
    return this.#seq;
  }
}

/** A farm as one may stand in a cellar: two jobs that plot, one that can't, a move, disks. */
export function cellar(now: number): Farm {
  return new FarmMaker(now)
    .job({
      ...{ id: 'gpu', title: 'GPU plots', slots: 1, hours: 0.7 },
      waiting: { reason: 'max_workers', text: 'All of its 1 worker runs.' },
    })
    .job({
      ...{ id: 'nightly', title: 'Nightly plots', slots: 4, hours: 5.5, chained: true },
      waiting: { reason: 'limit', text: "2 of 2 workers in limit 'rig' have not finished phase 1." },
    })
    .job({
      ...{ id: 'cold', title: 'Cold storage', slots: 0, hours: 5, state: 'blocked' },
      waiting: { reason: 'missing_directory', text: '/mnt/cold is not mounted.' },
    })
    .move('farm', 'To the farm')
    .disk('/mnt/nvme0', 812, 1862, 420)
    .disk('/mnt/farm1', 311, 16_000, 101)
    .disk('/mnt/farm2', 9100, 16_000, 0)
    .disk('/mnt/farm3', null, 16_000, 0).farm;
}

/** A hundred slots. */
export function hall(now: number): Farm {
  const maker = new FarmMaker(now);
  for (let job = 1; job <= 10; job += 1)
    maker.job({
      id: `rack${job}`,
      title: `Rack ${job}`,
      slots: 10,
      hours: 1 + (job % 4),
      chained: job % 2 === 0,
    });
  return maker.farm;
}
