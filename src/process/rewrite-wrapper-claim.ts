import { readlinkSync, realpathSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pidNamespace } from '../host/pid-namespace.ts';
import { bootId, identityOf } from '../host/process-identity.ts';
import type { ProcessFiles } from './files.ts';
import { sessionsOf } from './sessions.ts';

/** The time of start of a wrapper that is gone: that of no process. */
const NO_START = 'gone';

/**
 * Writes the claim of a process that runs as its wrapper wrote it, where that is damaged or gone: the process is known
 * by its worker's id in its environment, and by the log into which its wrapper (or, where that is lost, it itself)
 * prints. Does nothing where none runs.
 */
export function rewriteWrapperClaim(dir: string, files: ProcessFiles): void {
  const worker = basename(dir);
  try {
    const log = join(realpathSync(dir), basename(files.log));
    const found = sessionsOf(worker).find(({ session, pid }) => printsTo(session, log) || printsTo(pid, log));
    if (found === undefined) return;
    const identity = identityOf(found.session) ?? `${bootId()}:${NO_START}`;
    const draft = `${files.claim}.anew`;
    writeFileSync(draft, `${found.session} ${identity} ${worker} ns=${pidNamespace() ?? ''} up=\n`, {
      mode: 0o600,
    });
    renameSync(draft, files.claim);
  } catch {
    // The directory is gone, or its disk is full: what is there has to do.
  }
}

function printsTo(pid: number, log: string): boolean {
  try {
    return readlinkSync(`/proc/${pid}/fd/1`) === log;
  } catch {
    return false;
  }
}
