import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, Command } from '../../contract/commands.ts';
import type { CommandError } from '../../contract/error-codes.ts';
import type { EventsQuery } from '../../contract/event-query.ts';
import type { HistoryQuery } from '../../contract/history.ts';
import { NOT_STORED } from '../../engine/unstored.ts';
import type { JournalledEngine } from '../journalled-engine/journalled-engine.ts';
import { type AdmissionContext, admitJob } from './admission.ts';

export interface CommandsOptions {
  engine: JournalledEngine;
  admission(): AdmissionContext;
  /** Reads config.yaml again; an error changes nothing. */
  reload(): Promise<CommandError | null>;
  /** What has been plotted; the engine doesn't keep that. */
  history(query: HistoryQuery): Promise<Answer>;
  /** What has happened. */
  events(query: EventsQuery): Promise<Answer>;
}

/** How long commands wait for definitions before them, whose directories may be on a disk that doesn't answer. */
const WAIT_MS = 1_000;

function failure(error: CommandError): Answer {
  return { status: 'error', error };
}

/** Carries out the commands that arrive, over MQTT and by the daemon's socket alike. */
export function createExecutor(options: CommandsOptions): (command: Command) => Promise<Answer> {
  /** Definitions are admitted one after the other: a change builds on the one before it. */
  let defining: Promise<unknown> = Promise.resolve();
  let underWay = 0;
  const inTurn = (work: () => Promise<Answer>): Promise<Answer> => {
    underWay += 1;
    const answer = defining.then(work).finally(() => {
      underWay -= 1;
    });
    defining = answer.catch(() => undefined);
    return answer;
  };
  return (command) => {
    switch (command.type) {
      case 'create_job':
        return inTurn(() => create(options, command.job, command.fields));
      case 'update_job':
        return inTurn(() => update(options, command.job, command.fields));
      case 'reload':
        return inTurn(async () => {
          const error = await options.reload();
          return error === null ? { status: 'ok', data: null } : failure(error);
        });
      case 'history':
        return options.history(command);
      case 'events':
        return options.events(command);
      default:
        // What came after a definition may be about its job: it waits, though not for other commands.
        return underWay === 0
          ? options.engine.command(command)
          : Promise.race([defining, sleep(WAIT_MS)]).then(() => options.engine.command(command));
    }
  };
}

async function create(
  { engine, admission }: CommandsOptions,
  job: string,
  fields: Record<string, unknown>,
): Promise<Answer> {
  // One that is there is refused as that, whatever else may be wrong.
  if (engine.state.jobs.has(job)) return exists(job);
  if (!engine.storable()) return notStored();
  const admitted = await admitJob(job, fields, null, admission());
  if (!admitted.ok) return failure(admitted.error);
  return engine.command({ type: 'create_job', job, definition: admitted.definition });
}

function exists(job: string): Answer {
  return failure({ code: 'job_exists', message: `there is a job '${job}' already`, path: 'id' });
}

function notStored(): Answer {
  return failure({ code: 'not_stored', message: NOT_STORED, path: null });
}

async function update(
  { engine, admission }: CommandsOptions,
  job: string,
  fields: Record<string, unknown>,
): Promise<Answer> {
  const present = engine.state.jobs.get(job);
  // What can't be changed is refused by the engine, in its own words, before the fields are looked at.
  if (!present) return engine.command({ type: 'get_job', job });
  if (present.owner === 'file')
    return engine.command({ type: 'update_job', job, definition: present.definition });
  if (!engine.storable()) return notStored();
  const admitted = await admitJob(job, fields, present.definition, admission());
  if (!admitted.ok) return failure(admitted.error);
  return engine.command({ type: 'update_job', job, definition: admitted.definition });
}
