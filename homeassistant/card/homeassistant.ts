/** What of Home Assistant's frontend is used here: of what it hands to cards, and of its WebSocket API. */

/** A state, as the frontend keeps it. */
export interface EntityState {
  entity_id: string;
  state: string;
  attributes: Readonly<Record<string, unknown>>;
  /** ISO 8601. */
  last_changed: string;
}
export type States = Readonly<Record<string, EntityState | undefined>>;

/** An entry of `config/device_registry/list`. */
export interface RegistryDevice {
  id: string;
  name: string | null;
  name_by_user: string | null;
}

/** An entry of `config/entity_registry/list`: with `unique_id`, which the frontend's own list lacks. */
export interface RegistryEntity {
  entity_id: string;
  unique_id: string;
  platform: string;
  device_id: string | null;
  disabled_by: string | null;
  name: string | null;
  original_name: string | null;
}

/** How the user wants numbers and times. */
export interface Locale {
  language: string;
  number_format: string;
  /** `12`, `24`, `language` or `system`. */
  time_format: string;
  /** `local` (the browser's) or `server`. */
  time_zone?: string;
}

/** One state of `history/stream`; times are seconds since 1970, `lc` is left out where it is `lu`. */
export interface HistoryState {
  s: string;
  a?: Readonly<Record<string, unknown>>;
  lu: number;
  lc?: number;
}
export interface HistoryMessage {
  states: Readonly<Record<string, readonly HistoryState[]>>;
}

export interface HomeAssistant {
  states: States;
  /** The frontend's own registries: others than before when something was added, renamed or removed. */
  entities: object;
  devices: object;
  language: string;
  locale: Locale;
  /** `version` is Home Assistant's own, such as `2026.11.0`. */
  config: { time_zone: string; version?: string };
  callWS<Result>(message: { type: string } & Readonly<Record<string, unknown>>): Promise<Result>;
  callService(
    domain: string,
    service: string,
    data: Readonly<Record<string, unknown>>,
    target: { entity_id: string },
  ): Promise<unknown>;
  connection: {
    subscribeMessage<Message>(
      heard: (message: Message) => void,
      wanted: object,
    ): Promise<() => Promise<unknown>>;
  };
}

/** A card or a strategy's part, as a dashboard's YAML has it. */
export type CardConfig = { type: string } & Readonly<Record<string, unknown>>;
