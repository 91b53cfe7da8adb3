import type { PlotterDefinition } from '../../config/schema/plotter.ts';

/** Whether a plotter ended as its definition says of one that has made its plot; `null`: nobody knows with which code. */
export function endedWell(
  { ok_exit_codes }: Pick<PlotterDefinition, 'ok_exit_codes'>,
  { code }: { code: number | null },
): boolean {
  return code !== null && ok_exit_codes.includes(code);
}
