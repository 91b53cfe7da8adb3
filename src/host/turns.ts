/** A queue of calls that may hang for ever: one at a time a key, and only so many in all. */
export interface Turns {
  /**
   * Runs `call` when it is its turn. Null where it hasn't answered `timeoutMs` from now: a call that began
   * keeps its place until it does end, one that didn't never begins. Rejects as `call` does.
   */
  take<T>(key: string, call: () => Promise<T>, timeoutMs: number): Promise<T | null>;
  /** For how long a call of this key has been under way, in milliseconds; 0: none is. */
  underWay(key: string): number;
}

interface Waiting {
  key: string;
  begin: () => Promise<void>;
}

export interface TurnsOptions {
  /** A call holds a place for no longer than this: what hangs keeps none from others, but its key. */
  placeMs?: number;
  /** Keys of which a call would surely hang: it isn't made, and the answer is null. */
  skips?: (key: string) => boolean;
}

/** A queue of its own, with at most `atOnce` calls under way. */
export function createTurns(atOnce: number, { placeMs, skips }: TurnsOptions = {}): Turns {
  const busy = new Map<string, number>();
  let places = 0;
  let waiting: Waiting[] = [];

  function next(): void {
    for (const candidate of waiting) {
      if (places >= atOnce) return;
      if (busy.has(candidate.key)) continue;
      waiting = waiting.filter((other) => other !== candidate);
      busy.set(candidate.key, performance.now());
      const free = takePlace();
      void candidate.begin().then(() => {
        busy.delete(candidate.key);
        free();
        next();
      });
    }
  }

  /** Takes a place, and gives what frees it, once. */
  function takePlace(): () => void {
    let held = true;
    places += 1;
    const free = () => {
      if (held) places -= 1;
      held = false;
      clearTimeout(timer);
    };
    const timer = placeMs === undefined ? undefined : setTimeout(() => [free(), next()], placeMs);
    return free;
  }

  return {
    take: (key, call, timeoutMs) =>
      new Promise((resolve, reject) => {
        if (skips?.(key)) return resolve(null);
        const turn: Waiting = {
          key,
          begin: async () => {
            try {
              resolve(await call());
            } catch (error) {
              reject(error);
            } finally {
              clearTimeout(timer);
            }
          },
        };
        const timer = setTimeout(() => {
          waiting = waiting.filter((other) => other !== turn);
          resolve(null);
        }, timeoutMs);
        waiting.push(turn);
        next();
      }),
    underWay: (key) => {
      const since = busy.get(key);
      return since === undefined ? 0 : performance.now() - since;
    },
  };
}
