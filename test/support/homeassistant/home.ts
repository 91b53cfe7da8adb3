import { cp } from 'node:fs/promises';
import {
  command,
  type EntityState,
  type LogEntry,
  type RegistryDevice,
  type RegistryEntity,
  rest,
} from './api.ts';
import { HomeAssistantProcess } from './process.ts';

/** What runs the Home Assistant: a process of ours, or somebody's container. */
interface Host {
  url: string;
  token: string;
  restart(): Promise<void>;
  destroy(): Promise<void>;
  /** Only of one of the test's own. */
  remember?(past: object): Promise<void>;
}

/** What a start says on a machine without cameras. */
const NOISE = /haffmpeg/;

/** A Home Assistant with its MQTT integration on a broker of a test. */
export class HomeAssistant {
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  get url(): string {
    return this.#host.url;
  }

  get token(): string {
    return this.#host.token;
  }

  restart(): Promise<void> {
    return this.#host.restart();
  }

  destroy(): Promise<void> {
    return this.#host.destroy();
  }

  /** Writes states of the past into its database, by entity id. */
  async remember(past: object): Promise<void> {
    if (!this.#host.remember) throw new Error('This Home Assistant is lent: its database is out of reach');
    await this.#host.remember(past);
  }

  command<Result>(type: string, fields: object = {}): Promise<Result> {
    return command<Result>(this, type, fields);
  }

  async states(): Promise<Map<string, EntityState>> {
    const states = await rest<EntityState[]>(this, '/api/states');
    return new Map(states.map((state) => [state.entity_id, state]));
  }

  /** An entity's state; `undefined` where there is no such entity. */
  async state(entity: string): Promise<string | undefined> {
    return (await this.states()).get(entity)?.state;
  }

  /** Performs an action (`switch.turn_on`) on an entity, as an automation does. */
  async act(action: string, entity_id: string, data: object = {}): Promise<void> {
    await rest(this, `/api/services/${action.replace('.', '/')}`, { entity_id, ...data });
  }

  /** Renders a template with variables, as entities do with a message. */
  async render(template: string, variables: object): Promise<unknown> {
    const fields = { template, variables, report_errors: true };
    const event = await command<{ result: unknown }>(this, 'render_template', fields, 'event');
    return event.result;
  }

  /** Devices of plot2mqtt. */
  async devices(): Promise<RegistryDevice[]> {
    const devices = await this.command<RegistryDevice[]>('config/device_registry/list');
    return devices.filter(({ identifiers }) => identifiers.some(([, id]) => id.startsWith('plot2mqtt__')));
  }

  /** Entities of the MQTT integration. */
  async entities(): Promise<RegistryEntity[]> {
    const entities = await this.command<RegistryEntity[]>('config/entity_registry/list');
    return entities.filter(({ platform }) => platform === 'mqtt');
  }

  /** What was logged at WARNING and above since the start. */
  async warnings(expected?: RegExp): Promise<string[]> {
    const entries = await this.command<LogEntry[]>('system_log/list');
    return entries
      .map(({ level, name, message, exception }) =>
        `${level} ${name}: ${message.join(' | ')} ${exception}`.trim(),
      )
      .filter((line) => !NOISE.test(line) && !expected?.test(line));
  }

  /** Adds the MQTT integration by its form, with the form's own defaults. */
  async addMqtt(broker: { host: string; port: number }): Promise<string> {
    const flows = '/api/config/config_entries/flow';
    interface Form {
      flow_id: string;
      data_schema: { name: string; default?: unknown }[];
    }
    const form = await rest<Form>(this, flows, { handler: 'mqtt' });
    const defaults = form.data_schema.filter((field) => 'default' in field);
    const result = await rest<{ type: string; result?: { entry_id: string } }>(
      this,
      `${flows}/${form.flow_id}`,
      {
        ...Object.fromEntries(defaults.map((field) => [field.name, field.default])),
        ...{ broker: broker.host, port: broker.port },
        other_settings: { set_client_cert: false, set_ca_cert: 'off', transport: 'tcp' },
      },
    );
    if (!result.result) throw new Error(`the MQTT integration: ${JSON.stringify(result)}`);
    return result.result.entry_id;
  }
}

/**
 * Brings a Home Assistant up that is connected to a broker. With HOME_ASSISTANT_URL and HOME_ASSISTANT_TOKEN it is
 * that one, which must be there for tests only (the official container with host networking, say; one test file at a
 * time): it gets the MQTT integration, and loses it in the end. Else it is a new one of the test's own; `files` is a
 * folder to copy into its configuration, `prepare` does more to it before the first start.
 */
export async function startHomeAssistant(options: {
  port: number;
  files?: string;
  prepare?: (folder: string) => Promise<void>;
}): Promise<HomeAssistant> {
  const { HOME_ASSISTANT_URL: url, HOME_ASSISTANT_TOKEN: token } = process.env;
  const broker = { host: process.env.HOME_ASSISTANT_BROKER_HOST ?? '127.0.0.1', port: options.port };
  if (url !== undefined && token !== undefined) return borrow({ url, token }, broker);
  const host = await HomeAssistantProcess.fresh(async (folder) => {
    if (options.files !== undefined) await cp(options.files, folder, { recursive: true });
    await options.prepare?.(folder);
  });
  const home = new HomeAssistant(host);
  try {
    await home.addMqtt(broker);
    return home;
  } catch (error) {
    await host.destroy();
    throw error;
  }
}

async function borrow(
  access: { url: string; token: string },
  broker: { host: string; port: number },
): Promise<HomeAssistant> {
  let entry: string | undefined;
  const isUp = async () => (await rest<{ state: string }>(access, '/api/config')).state === 'RUNNING';
  const home = new HomeAssistant({
    ...access,
    async restart() {
      // The connection may break before the answer.
      await rest(access, '/api/services/homeassistant/restart', {}).catch(() => {});
      for (const wanted of [false, true])
        while ((await isUp().catch(() => false)) !== wanted)
          await new Promise((resolve) => setTimeout(resolve, 100));
    },
    async destroy() {
      if (entry !== undefined)
        await fetch(`${access.url}/api/config/config_entries/entry/${entry}`, {
          method: 'DELETE',
          headers: { authorization: `Bearer ${access.token}` },
        });
    },
  });
  await home.command('system_log/list');
  entry = await home.addMqtt(broker);
  return home;
}
