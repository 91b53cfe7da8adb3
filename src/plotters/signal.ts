/** What a line of a plotter's log says, in terms of the plotter's definition. */
export type Signal =
  /** A plot begins, in a process that makes several. */
  | { type: 'begin' }
  /** This stage begins; what stands before it has happened. */
  | { type: 'enter'; stage: string }
  /** This stage ends; the next one begins. */
  | { type: 'leave'; stage: string }
  /** The stage is this far, 0 to 1. */
  | { type: 'inside'; stage: string; fraction: number }
  /** The plot's name, without directory and suffix. */
  | { type: 'plot_name'; name: string }
  | { type: 'plot_id'; id: string }
  /** The plot will have at least so many bytes. */
  | { type: 'plot_size'; bytes: number }
  /** The plot has reached its destination under this name (absolute, or relative to the destination). */
  | { type: 'final_file'; file: string }
  /**
   * Something went wrong. `waits`: the plotter tries again by itself, for ever if need be; `path`: the file or directory
   * that it is about; `fatal`: the plot has failed, whatever comes.
   */
  | { type: 'error'; message: string; waits: boolean; fatal?: true; path?: string }
  /** The plotter waits no more. */
  | { type: 'goes_on' };
