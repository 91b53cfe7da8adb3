import type { Figure } from './figure.ts';

/** What a case is given. */
export interface Bench {
  /** The program under test: the bundle's entry. */
  program: string;
  /** Fewer and shorter rounds, for a look in between. */
  quick: boolean;
  /** Where the daemon's CPU profiles go (`node --cpu-prof`), if they are wanted: it is slower then. */
  profiles: string | undefined;
  /** Where floors lie: programs that do a case's work with nothing around it. */
  floors: string;
  /** The repository. */
  root: string;
  say(text: string): void;
}

export interface Case {
  name: string;
  title: string;
  run(bench: Bench): Promise<Figure[]>;
}
