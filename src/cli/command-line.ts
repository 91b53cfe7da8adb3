import type { EventsTask } from './past/events.ts';
import type { HelpTopic } from './help.ts';
import type { HistoryTask } from './past/history.ts';
import type { HoldDetails } from './tell/hold-details.ts';
import type { StatusTask } from './status/status.ts';
import type { TellName } from './tell/tell-words.ts';

/** Commands that take a configuration and nothing else. */
export const CONFIG_COMMANDS = ['run', 'init', 'forget'] as const;
export type ConfigCommand = (typeof CONFIG_COMMANDS)[number];

/** What the command line asks for (contract, section 1). */
export type CommandLine =
  | { command: ConfigCommand; config: string }
  /** `replot`: each plot that would be removed now is listed too. */
  | { command: 'check'; config: string; replot: boolean }
  /** By its socket, or (`mqtt`) over its broker. */
  | { command: 'health'; config: string; mqtt: boolean }
  | ({ command: 'history' } & HistoryTask)
  | ({ command: 'status' } & StatusTask)
  | ({ command: 'events' } & EventsTask)
  /** Of one job, or of all. */
  | { command: 'why'; config: string; job: string | null }
  /** A command that is sent to the daemon; its words are as they must be. */
  | {
      command: 'tell';
      config: string;
      name: TellName;
      words: readonly string[];
      /** What was said of a hold. */
      details?: HoldDetails;
    }
  /** Everything is stopped; `yes`: without being asked back. */
  | { command: 'stop'; config: string; yes: boolean }
  | { command: 'service print'; config: string }
  /** What there is for Home Assistant is copied into its configuration directory. */
  | { command: 'homeassistant'; directory: string }
  /** What follows belongs to the simulated plotter and is as it was typed. */
  | { command: 'simulate'; rest: readonly string[] }
  /** What the daemon starts for each plot that it moves; in no help. */
  | { command: 'move-file'; rest: readonly string[] }
  | { command: 'schema' }
  /** A few words of text, for which nothing else is loaded. */
  | { command: 'version' }
  /** Of one command, or of all. */
  | { command: 'help'; about?: HelpTopic }
  /** For standard error, exit code 2. */
  | { command: 'usage_error'; message: string };
