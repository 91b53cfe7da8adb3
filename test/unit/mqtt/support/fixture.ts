import { pino } from 'pino';
import { createGrowingMask } from '../../../../src/config/mask.ts';
import type { Answer, Command } from '../../../../src/contract/commands.ts';
import type { Carriers } from '../../../../src/contract/rows/carriers.ts';
import { FARM_ROWS } from '../../../../src/contract/rows/farm.ts';
import { JOB_ROWS } from '../../../../src/contract/rows/job.ts';
import { carriersOf, type Rows, type View, viewSchema } from '../../../../src/contract/rows/row.ts';
import { WORKER_ROWS } from '../../../../src/contract/rows/worker.ts';
import type { BridgeStats, FarmView, JobView, MoveView, WorkerView } from '../../../../src/contract/views.ts';
import { Backoff } from '../../../../src/mqtt/connection/backoff.ts';
import {
  type BrokerOptions,
  type MqttOptions,
  type MqttService,
  startMqtt,
} from '../../../../src/mqtt/service.ts';
import type { StateReader } from '../../../../src/mqtt/states/state-reader.ts';
import type { Logger } from '../../../../src/util/log.ts';

/** What the least is that stands under a key: the first of these that it takes. */
const LEAST: readonly unknown[] = [null, false, 0, 1, 2, [], [0, 0, 0], '', '2026-11-23T10:00:00.000Z'];

function least(carriers: Carriers): Record<string, unknown> {
  const found = Object.entries(carriers).map(([key, { schema, words = [], inside = {} }]) => {
    const values = [...LEAST, ...words, least(inside)];
    return [key, values.find((value) => schema.safeParse(value).success)];
  });
  return Object.fromEntries(found);
}

function isView<Of extends Rows>(rows: Of, value: unknown): value is View<Of> {
  return viewSchema(rows).safeParse(value).success;
}

/** An object of rows in which each key has the least that it can have. */
export function blank<Of extends Rows>(rows: Of): View<Of> {
  const view: unknown = least(carriersOf(rows));
  if (!isView(rows, view)) throw new Error(`no view: ${JSON.stringify(view)}`);
  return view;
}

export function jobView(id: string, change: Partial<JobView> = {}): JobView {
  return {
    ...blank(JOB_ROWS),
    ...{ id, title: `Job ${id}`, plotter: 'madmax', state: 'idle', enabled: true, emit_events: true },
    max_workers: 1,
    ...change,
  };
}

export function workerView(change: Partial<WorkerView> = {}): WorkerView {
  return { ...blank(WORKER_ROWS), ...change };
}

/** A state to read that tests change at will. */
export class FakeState implements StateReader {
  readonly jobs = new Map<string, { view: JobView; slots: Map<number, WorkerView> }>();
  figures: BridgeStats = { workers: 0, plots_done: 0, plots_today: 0 };
  theFarm: FarmView = blank(FARM_ROWS);

  set(id: string, change: Partial<JobView> = {}, slots: Record<number, Partial<WorkerView>> = {}): void {
    const before = this.jobs.get(id);
    const there = new Map(before?.slots);
    for (const [slot, view] of Object.entries(slots)) there.set(Number(slot), workerView(view));
    this.jobs.set(id, { view: { ...(before?.view ?? jobView(id)), ...change }, slots: there });
  }

  jobIds = () => [...this.jobs.keys()];
  jobView = (id: string, lively?: Pick<JobView, 'progress' | 'eta'>) => {
    const view = this.jobs.get(id)?.view;
    if (!view || !lively) return view;
    return { ...view, progress: lively.progress, eta: lively.eta };
  };
  slots = (id: string) => [...(this.jobs.get(id)?.slots.keys() ?? [])];
  workerView = (id: string, slot: number) => this.jobs.get(id)?.slots.get(slot);
  readonly moves = new Map<string, MoveView>();
  moveIds = () => [...this.moves.keys()];
  moveView = (id: string) => this.moves.get(id);
  stats = () => this.figures;
  farm = () => this.theFarm;
}

/** A logger that collects its lines. */
export function collectingLog(): { log: Logger; lines: string[] } {
  const lines: string[] = [];
  return { log: pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) }), lines };
}

export interface Daemon {
  service: MqttService;
  state: FakeState;
  lines: string[];
  commands: Command[];
  acked: number[];
}

/** What the daemon would be to this room. Attempts to connect follow each other fast. */
export async function startDaemon(
  broker: BrokerOptions,
  change: Partial<MqttOptions> & { state?: FakeState } = {},
): Promise<Daemon> {
  const { log, lines } = collectingLog();
  const { state = new FakeState(), ...options } = change;
  const commands: Command[] = [];
  const acked: number[] = [];
  const ok: Answer = { status: 'ok', data: null };
  const service = await startMqtt({
    broker,
    baseTopic: 'b',
    version: 'auto',
    progressIntervalMs: 0,
    instance: () => 'abc123',
    secrets: createGrowingMask([]),
    reader: state,
    execute: async (command) => {
      commands.push(command);
      return ok;
    },
    onAcked: (seq) => acked.push(seq),
    log,
    backoff: new FastBackoff(),
    ...options,
  });
  return { service, state, lines, commands, acked };
}

class FastBackoff extends Backoff {
  override next(): number {
    return 50;
  }
}
