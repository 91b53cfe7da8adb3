import { randomBytes } from 'node:crypto';
import type { LoadedConfig } from '../../config/load.ts';
import type { ClaimLostError, HeldClaim } from '../../storage/claim/held-claim.ts';
import { takeClaim } from '../../storage/claim/take-claim.ts';
import { ensurePrivateDirectory } from '../../storage/private.ts';
import { codeOf, messageOf } from '../../util/errors.ts';
import type { Logger } from '../../util/log.ts';
import type { ServiceManager } from '../systemd.ts';
import { Control } from './control.ts';
import { waitForDisk } from './wait-for-disk.ts';

export interface DataDirOptions {
  loaded: LoadedConfig;
  manager: ServiceManager;
  log: Logger;
  /** Ends the waiting. */
  signal: AbortSignal;
  /** Ends this program: another daemon has the directory. */
  onLost(error: ClaimLostError): never;
}

/** `data_dir` while it is this daemon's. */
export interface DataDir<State> {
  control: Control;
  state: State;
  release(): Promise<void>;
}

/**
 * Takes `data_dir` for this daemon and opens the state in it. A disk that doesn't work is waited for, however long;
 * the daemon's socket answers meanwhile. Throws DataDirLockedError, what is wrong with the directory or the state, and
 * the signal's reason.
 */
export async function openDataDir<State>(
  { loaded, manager, log, signal, onLost }: DataDirOptions,
  openState: (claim: HeldClaim) => Promise<State>,
): Promise<DataDir<State>> {
  const dataDir = loaded.config.data_dir;
  const token = randomBytes(4).toString('hex');
  const control = new Control({ dataDir, config: loaded.file, token, log });
  const onWait = (text: string | null) => {
    control.waits(text);
    manager.waiting(text);
  };
  const wait = { dataDir, log, signal, onWait };
  const gone = new Map<number, string>();
  const take = async () => {
    makeIfPossible(dataDir);
    await control.listen();
    return takeClaim(dataDir, { token, socket: control.address, log, onLost, signal, onWait, gone });
  };
  let claim: HeldClaim | null = null;
  const release = async () => {
    await control.close();
    claim?.release();
  };
  try {
    const held = await waitForDisk(take, wait).catch((error: unknown) => {
      throw signal.aborted ? error : inWords(error, dataDir);
    });
    claim = held;
    const state = await waitForDisk(async () => {
      await control.publish();
      return openState(held);
    }, wait);
    return { control, state, release };
  } catch (error) {
    await release();
    throw error;
  }
}

/** Before the socket, which lies in it; why it can't be made is told by the claim, which is in it too. */
function makeIfPossible(dataDir: string): void {
  try {
    ensurePrivateDirectory(dataDir);
  } catch {
    // The socket is elsewhere until it can.
  }
}

/** The system's errors name a call, not what it was for. */
function inWords(error: unknown, dataDir: string): unknown {
  const code = codeOf(error);
  if (code === undefined) return error;
  const hint = code === 'EEXIST' || code === 'ENOTDIR' ? ': a file is where a directory should be' : '';
  return new Error(`data_dir ${dataDir} can't be used${hint}: ${messageOf(error)}`, { cause: error });
}
