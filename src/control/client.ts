import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { codeOf, messageOf } from '../util/errors.ts';
import { onLines } from './lines.ts';
import { fits } from './place.ts';
import { ANSWER_BYTES, type Request } from './protocol.ts';

/** What came of asking a daemon by its socket. */
export type Asked =
  | { kind: 'answer'; answer: unknown }
  /** The socket is there and nobody listens: on one kernel this proves that its daemon is gone. */
  | { kind: 'refused' }
  /** There is no socket of this name. */
  | { kind: 'absent' }
  /** This account may not open it. */
  | { kind: 'denied' }
  /** No answer in time, or none that can be understood; `sent`: the request may have reached it. */
  | { kind: 'silent'; why: string; sent: boolean };

/** The connection ended without an answer, or there was none to be had. */
interface BrokenOff {
  kind: 'broken off';
  sent: boolean;
}

const KINDS: Readonly<Record<string, 'refused' | 'absent' | 'denied'>> = {
  ECONNREFUSED: 'refused',
  ENOENT: 'absent',
  ENOTDIR: 'absent',
  EACCES: 'denied',
  EPERM: 'denied',
};
/** A daemon that ended meanwhile, or that many clients ask at once. */
const AGAIN: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'EAGAIN']);
/** A connection that broke off is tried again after this time: the daemon may just be ending. */
const AGAIN_MS = 100;

/**
 * Asks the daemon whose socket has this path, for at most `timeoutMs`. Where the connection breaks off it asks again,
 * with `once` only what can't have reached it. Never rejects.
 */
export async function ask(
  path: string,
  request: Request,
  timeoutMs: number,
  { once = false }: { once?: boolean } = {},
): Promise<Asked> {
  if (!fits(path))
    return { kind: 'silent', why: `the system takes no socket's path as long as ${path}`, sent: false };
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const asked = await askOnce(path, request, Math.max(1, deadline - performance.now()));
    if (asked.kind !== 'broken off') return asked;
    if ((once && asked.sent) || performance.now() + AGAIN_MS >= deadline)
      return { kind: 'silent', why: 'the connection broke off', sent: asked.sent };
    await sleep(AGAIN_MS);
  }
}

function askOnce(path: string, request: Request, timeoutMs: number): Promise<Asked | BrokenOff> {
  return new Promise((resolve) => {
    const socket = connect(path);
    let sent = false;
    const finish = (asked: Asked | BrokenOff) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(asked);
    };
    const silent = (why: string) => finish({ kind: 'silent', why, sent });
    const brokenOff = () => finish({ kind: 'broken off', sent });
    const timer = setTimeout(() => silent(`no answer within ${Math.round(timeoutMs / 1000)} s`), timeoutMs);
    socket.on('connect', () => {
      sent = true;
      socket.write(`${JSON.stringify(request)}\n`);
    });
    socket.on('error', (error) => {
      const code = codeOf(error) ?? '';
      const kind = KINDS[code];
      if (kind !== undefined) finish({ kind });
      else if (AGAIN.has(code)) brokenOff();
      else silent(messageOf(error));
    });
    socket.on('close', brokenOff);
    onLines(socket, ANSWER_BYTES, {
      line: (text) => finish(parsed(text)),
      tooLong: () => silent('its answer is too long'),
    });
  });
}

function parsed(text: string): Asked {
  try {
    return { kind: 'answer', answer: JSON.parse(text) };
  } catch {
    return { kind: 'silent', why: 'its answer is no JSON', sent: true };
  }
}
