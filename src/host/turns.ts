/** A queue of calls that may hang for ever: one at a time a key, and only so many in all. */
export interface Turns {
  /**
   * Runs `call` when it is its turn. Null where it hasn't answered `timeoutMs` from now: a call that began
   * keeps its place until it does end, one that didn't never begins. Rejects as `call` does.
   */
  take<T>(key: string, call: () => Promise<T>, timeoutMs: number): Promise<T | null>;
}

interface Waiting {
  key: string;
  begin: () => Promise<void>;
}

/** A queue of its own, with at most `atOnce` calls under way. */
export function createTurns(atOnce: number): Turns {
  const busy = new Set<string>();
  let waiting: Waiting[] = [];

  function next(): void {
    for (const candidate of waiting) {
      if (busy.size >= atOnce) return;
      if (busy.has(candidate.key)) continue;
      waiting = waiting.filter((other) => other !== candidate);
      busy.add(candidate.key);
      void candidate.begin().then(() => {
        busy.delete(candidate.key);
        next();
      });
    }
  }

  return {
    take: (key, call, timeoutMs) =>
      new Promise((resolve, reject) => {
        const turn: Waiting = {
          key,
          begin: () =>
            call()
              .then(resolve, reject)
              .finally(() => clearTimeout(timer)),
        };
        const timer = setTimeout(() => {
          waiting = waiting.filter((other) => other !== turn);
          resolve(null);
        }, timeoutMs);
        waiting.push(turn);
        next();
      }),
  };
}
