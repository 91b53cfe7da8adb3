import { isAbsolute, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Asked, ask } from '../../control/client.ts';
import { SOCKET } from '../../control/place.ts';
import { claimAnswerSchema } from '../../control/protocol.ts';
import { placeOfProcessIds } from '../../host/pid-namespace.ts';
import { bootId, sameProcess } from '../../host/process-identity.ts';
import type { Logger } from '../../util/log.ts';
import { type Claim, claimFile, type Found, type OldClaim, readClaimFile } from './claim-file.ts';

/** How long is waited; contract, section 1. */
export interface ClaimTimes {
  /** Between two beats of the heart. */
  beatMs: number;
  /** For an answer on the socket. */
  answerMs: number;
  /** For a heartbeat to be seen. */
  watchMs: number;
}
export const CLAIM_TIMES: ClaimTimes = { beatMs: 5_000, answerMs: 5_000, watchMs: 30_000 };
/** How many times a heart is looked at while it is watched. */
const LOOKS = 30;

export interface Judging {
  dir: string;
  times: ClaimTimes;
  log: Logger;
  /** Ends the watching; it then throws. */
  signal?: AbortSignal;
  /** Takes what is waited for, in a sentence, and null afterwards. */
  onWait?: (text: string | null) => void;
}

/**
 * Whether whoever made this claim is alive.
 *
 * - One that answers on its socket is.
 * - A process of this PID namespace that is over isn't: that is known at once, after a crash too.
 * - On this kernel a socket at which nobody listens has no daemon any more, in whatever namespace it was. (A copy of
 *   `data_dir` has such a socket too: that is why a living process doesn't count where its socket is refused.)
 * - Of what is left the heart is watched: another host, a namespace or a file system without sockets.
 */
export async function isAlive(number: number, found: Found, judging: Judging): Promise<boolean> {
  const { claim } = found;
  // Torn by a loss of power: its daemon is dead then too.
  if (claim === null) return false;
  if (!('token' in claim)) return sameProcess(claim);
  const asked = await askHolder(judging.dir, claim, judging.times.answerMs);
  if (asked === 'answers') return true;
  const near = claim.boot === bootId();
  const known = near && claim.pid_namespace === placeOfProcessIds() ? sameProcess(claim) : null;
  if (known === false && asked !== 'denied') return false;
  if (asked === 'refused' && near && known === null) return false;
  if (known === true && (asked === 'silent' || asked === 'denied')) return true;
  return heartBeats(number, found, claim, judging);
}

type HolderAsked = 'answers' | 'refused' | 'silent' | 'absent' | 'denied';

/** Its socket has the name that the claim says, or, once it had the directory for itself, the usual one. */
async function askHolder(dir: string, claim: Claim, timeoutMs: number): Promise<HolderAsked> {
  const { socket, token } = claim;
  if (socket === null) return 'absent';
  const paths = isAbsolute(socket) ? [socket] : [join(dir, socket), join(dir, SOCKET)];
  for (const path of paths) {
    const asked = await ask(path, { type: 'claim' }, timeoutMs);
    if (asked.kind !== 'absent') return judgeAnswer(asked, token);
  }
  return 'absent';
}

function judgeAnswer(asked: Exclude<Asked, { kind: 'absent' }>, token: string): HolderAsked {
  if (asked.kind !== 'answer') return asked.kind;
  const answer = claimAnswerSchema.safeParse(asked.answer);
  if (!answer.success) return 'silent';
  // Another daemon's socket says nothing about this one.
  return answer.data.token === token ? 'answers' : 'absent';
}

async function heartBeats(
  number: number,
  found: Found,
  claim: Claim,
  { dir, times, log, signal, onWait }: Judging,
): Promise<boolean> {
  const file = claimFile(dir, number);
  const text =
    `${file} is the claim of ${whoHas(claim)}, which can't be asked: ` +
    `its heartbeat is watched for ${times.watchMs / 1000} s`;
  log.warn(text);
  onWait?.(text);
  try {
    // Looks are counted, not the time: a host that sleeps meanwhile has seen nothing.
    for (let look = 0; look < LOOKS; look++) {
      await sleep(times.watchMs / LOOKS, undefined, signal === undefined ? {} : { signal });
      const now = readClaimFile(file);
      if (now === null) return false;
      if (now.pulse !== found.pulse) return true;
    }
  } finally {
    onWait?.(null);
  }
  log.warn(`${file}: no heartbeat, so ${whoHas(claim)} is gone`);
  return false;
}

/** The holder of a claim in words: a process id where it means something here, else a host or a container. */
export function whoHas(claim: Claim | OldClaim): string {
  if (!('token' in claim)) return `process ${claim.pid}`;
  const { pid, host } = claim;
  if (claim.boot !== bootId()) return `host ${host} (process ${pid} there)`;
  if (claim.pid_namespace !== placeOfProcessIds())
    return `another container or PID namespace of this host (host name ${host}, process ${pid} there)`;
  return `process ${pid}`;
}
