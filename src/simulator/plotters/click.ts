/**
 * What click, with which chia's command line is made, says of an option that isn't there, on stderr, before it exits
 * with 2. The real one may name options that look alike.
 */
export function unknownOption(option: string, command = 'create'): string[] {
  return usageError(`No such option '${option.split('=')[0]}'.`, command);
}

/** What click says of arguments that it refuses. */
export function usageError(error: string, command = 'create'): string[] {
  return [
    `Usage: chia plots ${command} [OPTIONS]`,
    `Try 'chia plots ${command} --help' for help.`,
    '',
    `Error: ${error}`,
  ];
}
