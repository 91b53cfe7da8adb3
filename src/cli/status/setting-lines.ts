import type { StatusAnswer } from '../../control/protocol.ts';

/** Which settings of a job are not what config.yaml says, a line each. */
export function settingLines(unlike: StatusAnswer['unlike_file'], job: string): string[] {
  return (unlike ?? [])
    .filter((each) => each.job === job)
    .map(
      ({ setting, value, file }) =>
        `  ${setting} ${value} was set by a command; config.yaml says ${file} (plot2mqtt set ${job} ${setting} default)`,
    );
}
