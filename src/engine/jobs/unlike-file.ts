import { SETTABLE_FIELDS, type SettableField } from '../../contract/commands.ts';
import type { JobState } from '../model/job-state.ts';

/** A setting of a job that a command has made another than config.yaml says. */
export interface UnlikeFile {
  job: string;
  setting: SettableField;
  value: boolean | number;
  file: boolean | number;
}

/** Where a job's settings are not the file's. */
export function unlikeFile({ id: job, file, definition }: JobState): UnlikeFile[] {
  if (file === null) return [];
  return SETTABLE_FIELDS.filter((setting) => file[setting] !== definition[setting]).map((setting) => ({
    ...{ job, setting, value: definition[setting], file: file[setting] },
  }));
}
