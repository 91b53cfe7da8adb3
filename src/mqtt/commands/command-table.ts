import {
  type Command,
  DEFAULT,
  type JobAction,
  MAX_WORKERS_LIMIT,
  type SettingsWanted,
} from '../../contract/commands.ts';
import type { MoveSettings } from '../../contract/moves.ts';
import { parseSlot } from '../../contract/routes.ts';
import { holdCommand } from './hold-commands.ts';
import {
  CommandRefusal,
  fieldsOf,
  orDefault,
  type Payload,
  type ReadValue,
  readBoolean,
  readHowMany,
  readMaxWorkers,
  readPlotsToDo,
  transactionIn,
  valueIn,
} from './payloads.ts';
import { isId, type ReadCommand, requestOf } from './request-table.ts';

/** How each field that may be set is read. */
const SETTINGS = {
  enabled: orDefault(readBoolean, DEFAULT),
  emit_events: orDefault(readBoolean, DEFAULT),
  // No file pauses a job.
  paused: orDefault(readBoolean, false),
  max_workers: orDefault(readMaxWorkers, DEFAULT),
  plots_to_do: orDefault(readPlotsToDo, DEFAULT),
} as const satisfies { [Field in keyof SettingsWanted]-?: ReadValue<SettingsWanted[Field]> };
type SettingName = keyof typeof SETTINGS;

function isSetting(name: string): name is SettingName {
  return Object.hasOwn(SETTINGS, name);
}

const unknown = (message: string) => new CommandRefusal('unknown_command', message);

function jobId(text: string): string {
  if (!isId(text)) throw new CommandRefusal('unknown_job', 'there is no such job');
  return text;
}

function slotOf(text: string | undefined): number {
  const slot = parseSlot(text);
  if (slot === undefined) throw new CommandRefusal('unknown_worker', 'a slot is a whole number from 1 on');
  return slot;
}

function holdName(text: string | undefined): string {
  if (!isId(text)) throw unknown('no hold can be called like this');
  return text;
}

const JOB_ACTIONS: Readonly<Record<JobAction, (job: string, payload: Payload) => Command>> = {
  start(job, payload) {
    const { value, path } = valueIn(payload);
    return { type: 'start', job, workers: value === undefined ? 1 : readHowMany(value, path) };
  },
  reset: (job) => ({ type: 'reset', job }),
  dismiss: (job) => ({ type: 'dismiss_job', job }),
};

function setField(job: string, field: string): ReadCommand {
  if (!isSetting(field)) throw unknown(`'${field}' can't be set: ${Object.keys(SETTINGS).join(', ')} can`);
  return (payload) => {
    const { value, path } = valueIn(payload);
    return { type: 'set', job, settings: { [field]: SETTINGS[field](value, path) } };
  };
}

function setFields(job: string): ReadCommand {
  return (payload) => {
    const entries = Object.entries(fieldsOf(payload)).map(([field, value]) => {
      if (!isSetting(field))
        throw new CommandRefusal(
          'invalid_payload',
          `unknown field "${field}": ${Object.keys(SETTINGS).join(', ')}`,
          field,
        );
      return [field, SETTINGS[field](value, field)] as const;
    });
    if (entries.length === 0) throw new CommandRefusal('invalid_payload', 'no field to set');
    return { type: 'set', job, settings: Object.fromEntries(entries) };
  };
}

function isJobAction(name: string | undefined): name is JobAction {
  return name !== undefined && Object.hasOwn(JOB_ACTIONS, name);
}

function jobCommand(id: string, [what, name, ...rest]: string[]): ReadCommand {
  if (what === 'set' && name === undefined) return setFields(jobId(id));
  if (what === 'set' && name !== undefined && rest.length === 0) {
    const read = setField(id, name);
    jobId(id);
    return read;
  }
  if (what === 'hold' && rest.length === 0) {
    const [hold, job] = [holdName(name), jobId(id)];
    return (payload) => holdCommand(job, hold, payload);
  }
  const act = what === 'do' && isJobAction(name) ? JOB_ACTIONS[name] : undefined;
  if (act && rest.length === 0) {
    const job = jobId(id);
    return (payload) => act(job, payload);
  }
  throw unknown('there is no such command');
}

function workerCommand(id: string, slotText: string | undefined, rest: string[]): ReadCommand {
  const action = rest.join('/');
  if (action === 'do/dismiss') {
    const [job, slot] = [jobId(id), slotOf(slotText)];
    return () => ({ type: 'dismiss_worker', job, slot });
  }
  if (action === 'set/paused') {
    const [job, slot] = [jobId(id), slotOf(slotText)];
    return (payload) => {
      const { value, path } = valueIn(payload);
      return { type: 'pause_worker', job, slot, paused: readBoolean(value, path) };
    };
  }
  throw unknown('there is no such command');
}

/** How each field of a move that may be set is read. */
const MOVE_SETTINGS = {
  enabled: readBoolean,
  paused: readBoolean,
} as const satisfies { [Field in keyof MoveSettings]-?: ReadValue<MoveSettings[Field]> };

function isMoveSetting(name: string): name is keyof typeof MOVE_SETTINGS {
  return Object.hasOwn(MOVE_SETTINGS, name);
}

function moveCommand(move: string, [what, field, ...rest]: string[]): ReadCommand {
  if (what !== 'set' || field === undefined || rest.length > 0) throw unknown('there is no such command');
  if (!isMoveSetting(field))
    throw unknown(`'${field}' can't be set: ${Object.keys(MOVE_SETTINGS).join(', ')} can`);
  if (!isId(move)) throw new CommandRefusal('unknown_move', 'there is no such move');
  return (payload) => {
    const { value, path } = valueIn(payload);
    return { type: 'set_move', move, settings: { [field]: MOVE_SETTINGS[field](value, path) } };
  };
}

const readFarmWorkers = orDefault(readMaxWorkers, MAX_WORKERS_LIMIT);

function farmCommand([what, name, ...rest]: string[]): ReadCommand {
  if (what === 'hold' && rest.length === 0) {
    const hold = holdName(name);
    return (payload) => holdCommand(null, hold, payload);
  }
  if (what === 'set' && name === 'max_workers' && rest.length === 0)
    return (payload) => {
      const { value, path } = valueIn(payload);
      return { type: 'set_farm', max_workers: readFarmWorkers(value, path) };
    };
  if (what === 'do' && name === 'stop' && rest.length === 0) return () => ({ type: 'stop_farm' });
  throw unknown('there is no such command');
}

/**
 * What a command topic asks for (contract, section 5). `rest` is what follows `B/`.
 *
 * @throws {CommandRefusal} `unknown_command`, `unknown_job`, `unknown_worker`, `unknown_move`
 */
export function commandOf(rest: string): ReadCommand {
  const [room, ...path] = rest.split('/');
  const [first, second, third, ...more] = path;
  if (room === 'job' && first !== undefined)
    return second === 'worker' ? workerCommand(first, third, more) : jobCommand(first, path.slice(1));
  if (room === 'move' && first !== undefined) return moveCommand(first, path.slice(1));
  if (room === 'farm') return farmCommand(path);
  if (room === 'fire' && first !== undefined && path.length === 1) {
    if (!isId(first)) throw unknown('no named event can be called like this');
    return (payload) => ({ type: 'fire', name: first, ...transactionIn(payload) });
  }
  const request = room === 'bridge' ? requestOf(path.slice(1).join('/')) : undefined;
  if (request === undefined) throw unknown('there is no such command');
  return request;
}
