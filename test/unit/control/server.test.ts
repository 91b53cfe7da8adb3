import { once } from 'node:events';
import { statSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { pino } from 'pino';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ask } from '../../../src/control/client.ts';
import { follow } from '../../../src/control/follow.ts';
import { REQUEST_BYTES } from '../../../src/control/protocol.ts';
import { ControlServer, type Requests } from '../../../src/control/server.ts';
import { temporaryDirectory } from '../../support/directory.ts';
import { handlesOf } from '../../survival/support/processes.ts';

const log = pino({ level: 'silent' });

async function listening(requests: Requests = {}): Promise<string> {
  const path = join(temporaryDirectory(), 'daemon.sock');
  const server = new ControlServer({ ping: () => ({ type: 'ping', answer: 1 }), ...requests }, log);
  await server.listen(path);
  onTestFinished(() => server.close());
  return path;
}

async function client(path: string): Promise<Socket> {
  const socket = connect(path);
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

const closing = (socket: Socket) => new Promise((resolve) => socket.once('close', resolve));
const pings = (path: string) => ask(path, { type: 'ping' }, 2_000);
const PONG = { kind: 'answer', answer: { type: 'ping', answer: 1 } };

test('it is for its owner alone, and answers a line with a line', async () => {
  const path = await listening();
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(await pings(path)).toEqual(PONG);
});

test('an answer of megabytes comes whole', async () => {
  const text = 'x'.repeat(3 * 1024 * 1024);
  const path = await listening({ big: () => ({ type: 'big', text }) });
  expect(await ask(path, { type: 'big' }, 5_000)).toEqual({ kind: 'answer', answer: { type: 'big', text } });
});

test('several requests of one connection are answered in their order', async () => {
  const slow = async () => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    return { type: 'slow' };
  };
  const socket = await client(await listening({ slow }));
  socket.write('{"type":"slow"}\n{"type":"ping"}\n{"type":');
  socket.write('"slow"}\n');
  let text = '';
  socket.on('data', (chunk) => (text += chunk));
  await expect.poll(() => text.split('\n').filter(Boolean)).toHaveLength(3);
  expect(text.match(/"type":"\w+"/g)).toEqual(['"type":"slow"', '"type":"ping"', '"type":"slow"']);
});

describe('what is no request is answered with a code', () => {
  test.each([
    ['{', 'invalid_payload'],
    ['7', 'invalid_payload'],
    ['{"type":7}', 'invalid_payload'],
    ['{"type":"frobnicate"}', 'unknown_command'],
    ['{"type":"constructor"}', 'unknown_command'],
    ['{"type":"fails"}', 'internal'],
  ])('%s', async (line, code) => {
    const fails = () => {
      throw new Error('made to fail');
    };
    const socket = await client(await listening({ fails }));
    socket.write(`${line}\n`);
    const [answer] = await once(socket, 'data');
    expect(JSON.parse(String(answer))).toMatchObject({ type: 'error', code });
  });
});

describe('clients that mean no good keep nobody from being answered', () => {
  test('a thousand silent ones: the longest silent are let go', async () => {
    const path = await listening();
    const before = handlesOf(process.pid).length;
    const silent: Socket[] = [];
    for (let count = 0; count < 1_000; count++) silent.push((await client(path)).resume());
    expect(await pings(path)).toEqual(PONG);
    await expect.poll(() => silent.filter(({ closed }) => closed).length).toBeGreaterThan(900);
    for (const socket of silent) socket.destroy();
    await expect.poll(() => handlesOf(process.pid).length).toBeLessThanOrEqual(before);
  });

  test('one without end is closed, and little of it is kept', async () => {
    const path = await listening();
    const socket = await client(path);
    const closed = closing(socket);
    for (let sent = 0; sent <= 2 * REQUEST_BYTES; sent += 1024) socket.write('x'.repeat(1024));
    await closed;
    expect(await pings(path)).toEqual(PONG);
  });

  test('one that reads no answers is let go', async () => {
    const big = () => ({ type: 'big', text: 'x'.repeat(900_000) });
    const path = await listening({ big });
    const socket = await client(path);
    socket.pause();
    const closed = closing(socket);
    for (let count = 0; count < 20; count++) socket.write('{"type":"big"}\n');
    socket.on('end', () => socket.destroy());
    setTimeout(() => socket.resume(), 500);
    await closed;
    expect(await pings(path)).toEqual(PONG);
  });

  test('one that asks without end is let go', async () => {
    const never = () => new Promise<object>(() => {});
    const path = await listening({ never });
    const socket = await client(path);
    const closed = closing(socket);
    for (let count = 0; count < 200; count++) socket.write('{"type":"never"}\n');
    await closed;
    expect(await pings(path)).toEqual(PONG);
  });
});

describe('answers without end', () => {
  const counting = (upTo: number, ended: () => void = () => {}) => ({
    count: (_request: object, closed: AbortSignal) =>
      (async function* () {
        try {
          for (let number = 0; number < upTo && !closed.aborted; number++) yield { type: 'count', number };
        } finally {
          ended();
        }
      })(),
  });
  const asking = (path: string, ended = new AbortController().signal) =>
    follow(path, { type: 'count' }, { ended, firstMs: 5_000 });

  test('come as fast as they are read, all of them', async () => {
    const path = await listening(counting(20_000));
    const numbers: unknown[] = [];
    for await (const answer of asking(path)) numbers.push(answer);
    expect(numbers).toEqual(Array.from({ length: 20_000 }, (_, number) => ({ type: 'count', number })));
    expect(await pings(path)).toEqual(PONG);
  });

  test('end with the one who asked, who may be silent as long as he likes', async () => {
    let ended = 0;
    const path = await listening(counting(Number.POSITIVE_INFINITY, () => (ended += 1)));
    const [end, stopped] = [new AbortController(), new AbortController()];
    for await (const answer of asking(path, end.signal)) {
      expect(answer).toEqual({ type: 'count', number: 0 });
      break;
    }
    await expect.poll(() => ended).toBe(1);
    for await (const _ of asking(path, stopped.signal)) stopped.abort();
    await expect.poll(() => ended).toBe(2);
  });

  test('are for so many at once, beside all who just ask', async () => {
    const path = await listening(counting(Number.POSITIVE_INFINITY));
    const end = new AbortController();
    const following = Array.from({ length: 8 }, () => asking(path, end.signal));
    for (const each of following) expect((await each.next()).value).toEqual({ type: 'count', number: 0 });
    const { value } = await asking(path, end.signal).next();
    expect(value).toMatchObject({ type: 'error', code: 'limit_reached' });
    for (let count = 0; count < 40; count++) await client(path);
    for (const each of following) expect((await each.next()).value).toEqual({ type: 'count', number: 1 });
    expect(await pings(path)).toEqual(PONG);
    end.abort();
    for (const each of following) await each.return(undefined);
  });
});

describe('the one who asks', () => {
  test('knows a socket at which nobody listens from none', async () => {
    const dir = temporaryDirectory();
    expect(await ask(join(dir, 'daemon.sock'), { type: 'ping' }, 500)).toEqual({ kind: 'absent' });
    expect(await ask(join(dir, 'x'.repeat(200)), { type: 'ping' }, 500)).toMatchObject({ kind: 'silent' });
  });

  test('asks again where the connection breaks off, but not twice what is to be done once', async () => {
    const path = join(temporaryDirectory(), 'daemon.sock');
    const requests: string[] = [];
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', (bytes) => {
        requests.push(bytes.toString());
        socket.destroy();
      });
    });
    server.listen(path);
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const silent = { kind: 'silent', sent: true };
    expect(await ask(path, { type: 'ping' }, 5_000, { once: true })).toMatchObject(silent);
    expect(requests).toEqual(['{"type":"ping"}\n']);
    expect(await ask(path, { type: 'ping' }, 1_000)).toMatchObject(silent);
    expect(requests.length).toBeGreaterThan(2);
  });

  test('waits for an answer no longer than it may', async () => {
    const path = await listening({ never: () => new Promise<object>(() => {}) });
    const began = performance.now();
    expect(await ask(path, { type: 'never' }, 300)).toMatchObject({ kind: 'silent' });
    expect(performance.now() - began).toBeLessThan(1_000);
  });
});
