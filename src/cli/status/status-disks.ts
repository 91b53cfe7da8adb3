import * as z from 'zod';
import type { StatusAnswer } from '../../control/protocol.ts';
import { sized } from '../../util/bytes.ts';
import { printable } from '../../util/colours.ts';
import { isObject } from '../../util/objects.ts';
import { type Cell, inColumns } from '../terminal/columns.ts';
import { bar, hasBars, type Look, widthFor } from '../terminal/look.ts';

const figureIfAny = z.number().nullable().catch(null);
const diskSchema = z.looseObject({
  role: z.string().catch(''),
  path: z.string().catch(''),
  free_bytes: figureIfAny,
  total_bytes: figureIfAny,
  state: z.string().catch(''),
});

/** How full the disks are. */
export function diskLines({ host }: Pick<StatusAnswer, 'host'>, look: Look): string[] {
  const disks = Array.isArray(host?.disks) ? host.disks.filter(isObject) : [];
  const rows = disks.map((disk): Cell[] => {
    const { role, path, free_bytes, total_bytes, state } = diskSchema.parse(disk);
    const used =
      free_bytes === null || !total_bytes ? null : (100 * (total_bytes - free_bytes)) / total_bytes;
    return [
      { text: role },
      { text: printable(path) },
      ...(hasBars(look) ? [{ text: bar(used, look) }] : []),
      { text: used === null ? unknown(state) : `${Math.round(used)} % used` },
      {
        text:
          free_bytes === null || total_bytes === null
            ? ''
            : `${sized(free_bytes)} free of ${sized(total_bytes)}`,
      },
    ];
  });
  const columns = [
    ...[{ heading: '' }, { heading: '', least: 8 }],
    ...(hasBars(look) ? [{ heading: '' }] : []),
    ...[
      { heading: '', right: true },
      { heading: '', least: 0 },
    ],
  ];
  return inColumns(columns, rows, widthFor(look)).slice(1);
}

/** Why nothing is known of a disk's room. */
function unknown(state: string): string {
  return state === '' || state === 'ok' ? 'not known' : state.replaceAll('_', ' ');
}
