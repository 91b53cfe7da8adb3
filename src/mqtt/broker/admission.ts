import type { GuardedStream } from './guarded-stream.ts';
import { Guesses } from './guesses.ts';
import type { BrokerLimits } from './limits.ts';
import type { RefusalLog } from './refusal-log.ts';
import { SharedBudget } from './share.ts';

/** Who wants to come in. */
export interface Credentials {
  clientId: string;
  name: string | undefined;
  password: Buffer | undefined;
}

/** An error with the code of MQTT 3.1.1 (3.2.2.3), which aedes translates for MQTT 5. */
type Refusal = Error & { returnCode: number };

/** Lets clients in: by name and password, and where there is a place. */
export class Admission {
  readonly #guesses: Guesses;
  readonly #places: SharedBudget;
  readonly #hasUsers: boolean;
  readonly #refusals: RefusalLog;

  /** `users`: name → password. */
  constructor(users: Record<string, string>, limits: BrokerLimits, refusals: RefusalLog) {
    this.#guesses = new Guesses(users, limits);
    this.#places = new SharedBudget({ count: limits.connections, bytes: 0 });
    this.#hasUsers = Object.keys(users).length > 0;
    this.#refusals = refusals;
  }

  /** Calls back with a refusal, at once or later, or with `null` for who is in. */
  decide(stream: GuardedStream, credentials: Credentials, answer: (refusal: Refusal | null) => void): void {
    const { clientId, name, password } = credentials;
    const judgement = this.#guesses.judge(stream.address, clientId, name, password);
    if (judgement.kind === 'right') return answer(this.#enter(stream, clientId, name));
    if (judgement.kind === 'wrong') {
      this.#refusals.note(stream.address, 'wrong user or password');
      setTimeout(() => answer(refusal('bad user name or password', 4)), judgement.delayMs).unref();
      return;
    }
    this.#refusals.note(stream.address, 'too many wrong passwords from there, so this one was not looked at');
    stream.destroy();
  }

  /**
   * What a client keeps counts to its user. Without users, on loopback alone, it counts to its id: whoever takes
   * many ids isn't stopped before the bound for all.
   */
  #enter(stream: GuardedStream, clientId: string, name: string | undefined): Refusal | null {
    const owner = this.#hasUsers ? `user ${name}` : `client ${clientId}`;
    if (!this.#places.fits(owner, { count: 1, bytes: 0 })) {
      this.#refusals.note(stream.address, 'too many connections have logged in');
      return refusal('too many connections', 3);
    }
    this.#places.add(owner, { count: 1, bytes: 0 });
    stream.once('close', () => this.#places.add(owner, { count: -1, bytes: 0 }));
    stream.enter(owner);
    return null;
  }
}

function refusal(message: string, returnCode: number): Refusal {
  return Object.assign(new Error(message), { returnCode });
}
