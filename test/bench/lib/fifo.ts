import { execFileSync } from 'node:child_process';
import { constants, openSync } from 'node:fs';
import { Socket } from 'node:net';

/** A FIFO by which a process says that it exists. */
export class Fifo {
  readonly path: string;
  readonly #socket: Socket;
  #heard: (() => void) | undefined;

  constructor(path: string) {
    execFileSync('mkfifo', [path]);
    this.path = path;
    // Open for writing too: else it would be at its end whenever nobody writes.
    this.#socket = new Socket({
      fd: openSync(path, constants.O_RDWR | constants.O_NONBLOCK),
      writable: false,
    });
    this.#socket.on('data', () => this.#heard?.());
  }

  /** Resolves with the time at which something was written. */
  next(): Promise<number> {
    return new Promise((resolve) => {
      this.#heard = () => {
        this.#heard = undefined;
        resolve(performance.now());
      };
    });
  }

  close(): void {
    this.#socket.destroy();
  }
}
