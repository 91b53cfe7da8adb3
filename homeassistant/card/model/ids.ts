/** What an entity's device stands for. */
export type Subject =
  | { kind: 'bridge' }
  | { kind: 'job'; job: string }
  | { kind: 'worker'; job: string; slot: number }
  | { kind: 'move'; move: string };

export interface ParsedId {
  /** Which installation of plot2mqtt. */
  instance: string;
  subject: Subject;
  /** Unique in the device, for ever. */
  key: string;
}

/** Joins the parts of a `unique_id` (contract, section 6): neither an instance nor the id of a job has it in it. */
const SEPARATOR = '__';

/** What a `unique_id` says; `undefined` where it is none of plot2mqtt's. It is the same under every name. */
export function parseUniqueId(uniqueId: string): ParsedId | undefined {
  const [program, instance, kind, ...parts] = uniqueId.split(SEPARATOR);
  if (program !== 'plot2mqtt' || instance === undefined) return undefined;
  const of = (subject: Subject, rest: string[]): ParsedId | undefined =>
    rest.length === 0 ? undefined : { instance, subject, key: rest.join(SEPARATOR) };
  if (kind === 'bridge') return of({ kind }, parts);
  const [id, word, slot, ...rest] = parts;
  if (id === undefined) return undefined;
  if (kind === 'move') return of({ kind, move: id }, parts.slice(1));
  if (kind !== 'job') return undefined;
  if (word === 'worker' && slot !== undefined && /^\d+$/.test(slot))
    return of({ kind: 'worker', job: id, slot: Number(slot) }, rest);
  return of({ kind, job: id }, parts.slice(1));
}
