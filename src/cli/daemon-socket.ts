import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { readDataDir } from '../config/data-dir.ts';
import type { Environment } from '../config/environment.ts';
import { createMask } from '../config/mask.ts';
import { type Asked, ask } from '../control/client.ts';
import { socketsFor } from '../control/place.ts';
import { ANSWER_MS, type ClaimAnswer, claimAnswerSchema, type Request } from '../control/protocol.ts';
import { ownerOf } from '../host/account.ts';
import { codeOf, messageOf } from '../util/errors.ts';

/**
 * What the daemon that runs a configuration answered, or why it didn't, in words, and whether the request may have
 * reached it (`sent`); `mask` hides what of the file isn't to be shown.
 */
export type DaemonAnswer = ({ ok: true; answer: unknown } | { ok: false; message: string; sent: boolean }) & {
  mask: (text: string) => string;
};

/**
 * Asks the daemon that runs this configuration by its socket, whatever its broker does, within 5 s (contract, section
 * 1). Where the file names no `data_dir`, it is the daemon that says it runs this file. With `once` it is never asked
 * twice.
 */
export function askDaemon(
  config: string,
  env: Environment,
  request: Request,
  { once = false }: { once?: boolean } = {},
): Promise<DaemonAnswer> {
  return onDaemon(config, env, (path, leftMs) => ask(path, request, leftMs, { once }));
}

/** Looks for the socket of that daemon; the answer is its path. */
export function findDaemon(config: string, env: Environment): Promise<DaemonAnswer> {
  return onDaemon(config, env, (path) => Promise.resolve({ kind: 'answer', answer: path }));
}

async function onDaemon(
  config: string,
  env: Environment,
  put: (socket: string, leftMs: number) => Promise<Asked>,
): Promise<DaemonAnswer> {
  const place = await readDataDir(config, env);
  const mask = createMask(place.kind === 'set' ? place.secrets : []);
  if (place.kind === 'problem') return { ok: false, message: place.message, sent: false, mask };
  const deadline = performance.now() + ANSWER_MS;
  const left = () => Math.max(1, deadline - performance.now());
  const failures: string[] = [];
  for (const dataDir of place.kind === 'set' ? [place.dataDir] : place.dataDirs) {
    try {
      for (const socket of socketsFor(dataDir, env)) {
        const isOurs = (claim: ClaimAnswer) =>
          place.kind === 'set' ? true : sameFile(claim.config, resolve(config));
        const asked = await askIf(socket, isOurs, (path) => put(path, left()), left);
        if (asked.kind === 'answer') return { ok: true, answer: asked.answer, mask };
        if (asked.kind === 'silent' && asked.sent)
          return { ok: false, message: `${asked.why} (${socket})`, sent: true, mask };
        failures.push(...inWords(asked, socket));
      }
    } catch (error) {
      failures.push(...inWords(deniedOrNot(error), dataDir));
    }
  }
  const where = place.kind === 'set' ? place.dataDir : place.dataDirs.join(', ');
  return { ok: false, message: failures[0] ?? `no daemon works on ${where}`, sent: false, mask };
}

/** Asks who has the socket, and where that is the right one what is to be asked. */
async function askIf(
  socket: string,
  isOurs: (claim: ClaimAnswer) => boolean,
  put: (socket: string) => Promise<Asked>,
  left: () => number,
): Promise<Asked> {
  const who = await ask(socket, { type: 'claim' }, left());
  // So far nothing but that was asked.
  if (who.kind === 'silent') return { ...who, sent: false };
  if (who.kind !== 'answer') return who;
  const claim = claimAnswerSchema.safeParse(who.answer);
  if (!claim.success) return { kind: 'silent', why: 'its answer is not that of a daemon', sent: false };
  return isOurs(claim.data) ? put(socket) : { kind: 'absent' };
}

function sameFile(one: string, other: string): boolean {
  return one === other || realName(one) === realName(other);
}

function realName(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}

function deniedOrNot(error: unknown): Exclude<Asked, { kind: 'answer' }> {
  const code = codeOf(error);
  return code === 'EACCES' || code === 'EPERM'
    ? { kind: 'denied' }
    : { kind: 'silent', why: messageOf(error), sent: false };
}

/** Why a socket gave no answer; nothing where there is none, or its daemon is gone. */
function inWords(asked: Exclude<Asked, { kind: 'answer' }>, path: string): string[] {
  switch (asked.kind) {
    case 'denied':
      return [`this account may not ask it (${path}): run this as ${ownerOf(path)}`];
    case 'silent':
      return [`${asked.why} (${path})`];
    default:
      return [];
  }
}
