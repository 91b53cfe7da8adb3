/** Error codes of commands (contract, section 5); each has its line in the README. */
export const COMMAND_ERROR_CODES = [
  'invalid_payload',
  'invalid_config',
  'unknown_command',
  'unknown_job',
  'unknown_worker',
  'unknown_move',
  'job_exists',
  'job_paused',
  'not_allowed',
  'limit_reached',
  'missing_argument',
  'missing_directory',
  'no_space',
  'not_stored',
  'internal',
] as const;
export type CommandErrorCode = (typeof COMMAND_ERROR_CODES)[number];

/** Why a command was refused, as it is answered. `path` names the offending field, if there is one. */
export interface CommandError {
  code: CommandErrorCode;
  message: string;
  path: string | null;
}
