import { once } from 'node:events';
import { WebSocket } from 'ws';

export interface EntityState {
  entity_id: string;
  state: string;
  attributes: Record<string, unknown>;
}

export interface RegistryDevice {
  id: string;
  name: string;
  manufacturer: string | null;
  model: string | null;
  via_device_id: string | null;
  identifiers: [string, string][];
}

export interface RegistryEntity {
  entity_id: string;
  unique_id: string;
  platform: string;
  device_id: string | null;
  original_name: string | null;
  /** `integration` where it is disabled at first. */
  disabled_by: string | null;
}

export interface LogEntry {
  name: string;
  level: string;
  message: string[];
  /** The traceback, if there is one. */
  exception: string;
  count: number;
}

interface Answer {
  id: number;
  type: string;
  success?: boolean;
  result?: unknown;
  event?: unknown;
  error?: unknown;
}

/** Calls the REST API. Throws what isn't an answer. */
export async function rest<Result>(
  { url, token }: { url: string; token?: string },
  path: string,
  body?: object | URLSearchParams,
): Promise<Result> {
  const json = body !== undefined && !(body instanceof URLSearchParams);
  const response = await fetch(url + path, {
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(json && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { method: 'POST', body: json ? JSON.stringify(body) : body }),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return JSON.parse(await response.text());
}

/** One command over the WebSocket API, on a connection of its own; `event`: the first event is the result. */
export async function command<Result>(
  { url, token }: { url: string; token: string },
  type: string,
  fields: object = {},
  wanted: 'result' | 'event' = 'result',
): Promise<Result> {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/api/websocket`, { maxPayload: 2 ** 30 });
  const messages: Answer[] = [];
  socket.on('message', (data) => {
    messages.push(JSON.parse(data.toString()));
    socket.emit('heard');
  });
  const next = async (matches: (answer: Answer) => boolean) => {
    for (;;) {
      const found = messages.find(matches);
      if (found) return found;
      await once(socket, 'heard');
    }
  };
  try {
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: 'auth', access_token: token }));
    const welcome = await next(
      (answer) => answer.type.startsWith('auth_') && answer.type !== 'auth_required',
    );
    if (welcome.type !== 'auth_ok')
      throw new Error(`Home Assistant refuses the token: ${JSON.stringify(welcome)}`);
    socket.send(JSON.stringify({ id: 1, type, ...fields }));
    const answer = await next((each) => each.type === 'result');
    if (!answer.success) throw new Error(`${type}: ${JSON.stringify(answer.error)}`);
    const { result, event } = wanted === 'event' ? await next((each) => each.type === 'event') : answer;
    return JSON.parse(JSON.stringify((wanted === 'event' ? event : result) ?? null));
  } finally {
    socket.terminate();
  }
}
