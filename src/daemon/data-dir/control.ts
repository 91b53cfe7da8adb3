import { renameSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { ask } from '../../control/client.ts';
import {
  draftSocket,
  draftSockets,
  fits,
  makeRuntimeDirectory,
  SOCKET,
  SOCKET_NOTE,
  socketElsewhere,
} from '../../control/place.ts';
import type { ClaimAnswer, HealthAnswer } from '../../control/protocol.ts';
import { ControlServer, type Requests } from '../../control/server.ts';
import { placeOfProcessIds } from '../../host/pid-namespace.ts';
import { bootId } from '../../host/process-identity.ts';
import { writeFileAtomic } from '../../storage/atomic.ts';
import { codeOf, messageOf } from '../../util/errors.ts';
import type { Logger } from '../../util/log.ts';
import { VERSION } from '../../util/version.ts';

/** Whether anybody listens at a socket that was left is known at once; more isn't waited for. */
const SWEEP_MS = 500;

export interface ControlOptions {
  dataDir: string;
  /** Absolute name of the configuration that runs. */
  config: string;
  /** The random word of this daemon's claim. */
  token: string;
  log: Logger;
}

/** The daemon's socket: who it is, and how it is. It answers from the start on, also while `data_dir` is waited for. */
export class Control {
  readonly #options: ControlOptions;
  readonly #server: ControlServer;
  readonly #requests: Record<string, Requests[string]>;
  #path: string | null = null;
  #published = false;
  /** That there is no socket. */
  #told = false;
  #health: () => Pick<HealthAnswer, 'state' | 'text'> = () => ({ state: 'starting', text: '' });
  #instance: string | null = null;

  constructor(options: ControlOptions) {
    this.#options = options;
    this.#requests = { claim: () => this.#who(), health: () => this.#how() };
    this.#server = new ControlServer(this.#requests, options.log);
  }

  /** Where the socket is, as a claim says it: a name in `data_dir`, an absolute one elsewhere, null for none. */
  get address(): string | null {
    if (this.#path === null) return null;
    return this.#isInside(this.#path) ? basename(this.#path) : this.#path;
  }

  /** What `health` hears: what is waited for, or null where nothing is. */
  waits(text: string | null): void {
    this.#health = () => (text === null ? { state: 'starting', text: '' } : { state: 'waiting', text });
  }

  /** The state is loaded. */
  knows(instance: string): void {
    this.#instance = instance;
  }

  /**
   * It works; `steppedBack`: why it publishes nothing all the same, asked anew each time. From here on it answers these
   * requests too.
   */
  runs(steppedBack: () => string | null, requests: Requests): void {
    Object.assign(this.#requests, requests);
    this.#health = () => ({ state: 'running', text: steppedBack() ?? '' });
  }

  /** Listens in `data_dir`, or elsewhere where that can't be; called again, it moves in as soon as it can. */
  async listen(): Promise<void> {
    if (this.#path !== null && this.#isInside(this.#path)) return;
    const { dataDir, token, log } = this.#options;
    const inside = join(dataDir, draftSocket(token));
    const failed = fits(inside) ? await this.#tryAt(inside) : `${inside} is too long for a socket`;
    if (failed === null || this.#path !== null) return;
    const elsewhere = await this.#tryElsewhere();
    if (elsewhere === null || this.#told) return;
    this.#told = true;
    log.warn(`the daemon has no socket, commands of the terminal can't reach it: ${failed}; ${elsewhere}`);
  }

  async #tryElsewhere(): Promise<string | null> {
    const { dataDir, token } = this.#options;
    try {
      const path = join(makeRuntimeDirectory(process.env), socketElsewhere(dataDir, token));
      return fits(path) ? await this.#tryAt(path) : `${path} is too long for a socket`;
    } catch (error) {
      return messageOf(error);
    }
  }

  /** The directory is this daemon's: its socket takes the usual name, or the note there says where it is. */
  async publish(): Promise<void> {
    this.#published = true;
    if (this.#path !== null && this.#isInside(this.#path))
      await this.#moveTo(join(this.#options.dataDir, SOCKET));
    else this.#note(this.#path);
    await this.#sweep();
  }

  async #moveTo(usual: string): Promise<void> {
    rmSync(this.#noteFile, { force: true });
    try {
      if (this.#path !== null) renameSync(this.#path, usual);
      this.#path = usual;
    } catch (error) {
      // Another starter, which had to give way, has swept it away.
      if (codeOf(error) !== 'ENOENT') throw error;
      rmSync(usual, { force: true });
      await this.#tryAt(usual);
    }
  }

  #note(path: string | null): void {
    const { dataDir, log } = this.#options;
    rmSync(join(dataDir, SOCKET), { force: true });
    if (path === null) return rmSync(this.#noteFile, { force: true });
    log.info(`the daemon's socket is ${path}`);
    writeFileAtomic(this.#noteFile, `${path}\n`);
  }

  /** What daemons left that were killed while they waited. */
  async #sweep(): Promise<void> {
    for (const path of draftSockets(this.#options.dataDir, process.env)) {
      if (path === this.#path || (await ask(path, { type: 'claim' }, SWEEP_MS)).kind !== 'refused') continue;
      rmSync(path, { force: true });
    }
  }

  /** To be called before the claim is given up, so that what is removed is this daemon's own. */
  async close(): Promise<void> {
    await this.#server.close();
    const note = this.#published ? [this.#noteFile] : [];
    for (const file of [...(this.#path === null ? [] : [this.#path]), ...note])
      try {
        rmSync(file, { force: true });
      } catch (error) {
        this.#options.log.debug(`${file} stays: ${messageOf(error)}`);
      }
    this.#path = null;
  }

  /** Listens there in place of where it did; answers why it can't, or null. */
  async #tryAt(path: string): Promise<string | null> {
    const former = this.#path;
    try {
      await this.#server.listen(path);
    } catch (error) {
      return messageOf(error);
    }
    this.#path = path;
    if (former !== null) rmSync(former, { force: true });
    return null;
  }

  get #noteFile(): string {
    return join(this.#options.dataDir, SOCKET_NOTE);
  }

  #isInside(path: string): boolean {
    return dirname(path) === this.#options.dataDir;
  }

  #who(): ClaimAnswer {
    const { config, dataDir, token } = this.#options;
    return {
      type: 'claim',
      token,
      pid: process.pid,
      host: hostname(),
      boot: bootId(),
      pid_namespace: placeOfProcessIds(),
      version: VERSION,
      config,
      data_dir: dataDir,
      instance: this.#instance,
    };
  }

  #how(): HealthAnswer {
    return { type: 'health', ...this.#health(), pid: process.pid, config: this.#options.config };
  }
}
