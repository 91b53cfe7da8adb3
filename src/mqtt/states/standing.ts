import { plainKeysOf, type Rows } from '../../contract/rows/row.ts';
import { isPlain, plain } from './plain.ts';

/** What stands on an object's topic, then on its plain topics. */
export function standing(topic: string, rows: Rows, view: object): [topic: string, payload: string][] {
  const values = new Map<string, unknown>(Object.entries(view));
  const alone = plainKeysOf(rows).flatMap((key): [string, string][] => {
    const value = values.get(key);
    return isPlain(value) ? [[`${topic}/${key}`, plain(value)]] : [];
  });
  return [[topic, JSON.stringify(view)], ...alone];
}
