import { execFileSync } from 'node:child_process';

/** Whether this account may make PID namespaces here, such as containers have. */
export const CAN_ISOLATE = tryToIsolate();

function tryToIsolate(): boolean {
  try {
    execFileSync('unshare', ['--pid', '--fork', '--mount-proc', '--kill-child', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
