/** What a device stands for: the bridge, a job, a slot of a job, or a move. */
export type Subject =
  | { kind: 'bridge' }
  | { kind: 'job'; job: string }
  | { kind: 'worker'; job: string; slot: number }
  | { kind: 'move'; move: string };

const SEPARATOR = '__';

/**
 * The id of a device for ever, parts joined by two underscores, which neither an instance nor a job's id has in it.
 * Neither the base topic nor a title is part of it, so that both can change.
 */
export function deviceId(instance: string, subject: Subject): string {
  return ['plot2mqtt', instance, ...partsOf(subject)].join(SEPARATOR);
}

function partsOf(subject: Subject): string[] {
  switch (subject.kind) {
    case 'bridge':
      return ['bridge'];
    case 'job':
      return ['job', subject.job];
    case 'worker':
      return ['job', subject.job, 'worker', String(subject.slot)];
    case 'move':
      return ['move', subject.move];
  }
}

/** The device that another one is reached through; the bridge has none. */
export function parentOf(subject: Subject): Subject | null {
  switch (subject.kind) {
    case 'bridge':
      return null;
    case 'job':
    case 'move':
      return { kind: 'bridge' };
    case 'worker':
      return { kind: 'job', job: subject.job };
  }
}

/** An entity's `unique_id`: that of its device, and its key (contract, section 6). */
export function uniqueId(device: string, key: string): string {
  return `${device}${SEPARATOR}${key}`;
}

/** Whether a topic carries a device document of this installation. */
export function isOwnTopic(prefix: string, instance: string, topic: string): boolean {
  return topic.startsWith(`${prefix}/device/plot2mqtt${SEPARATOR}${instance}${SEPARATOR}`);
}

/** The topic on which a device's document stands. */
export function discoveryTopic(prefix: string, device: string): string {
  return `${prefix}/device/${device}/config`;
}

/** Which device a topic carries the document of; `undefined` where it is none of this installation. */
export function subjectOf(instance: string, topic: string): Subject | undefined {
  const [name, owner, kind, job, , slot] = partOf(topic).main.split('/').at(-2)?.split(SEPARATOR) ?? [];
  if (name !== 'plot2mqtt' || owner !== instance) return undefined;
  if (job === undefined) return { kind: 'bridge' };
  if (kind === 'move' && slot === undefined) return { kind, move: job };
  if (kind !== 'job') return undefined;
  return slot === undefined ? { kind: 'job', job } : { kind: 'worker', job, slot: Number(slot) };
}

/** Parts of a document beyond the first are called so, with their number. */
const PART = 'part';

/** Where a part of a device's document stands; the first, which is mostly all of it, where the document does. */
export function partTopic(topic: string, part: number): string {
  if (part === 1) return topic;
  const levels = topic.split('/');
  const device = [levels.at(-2), PART, part].join(SEPARATOR);
  return [...levels.slice(0, -2), device, ...levels.slice(-1)].join('/');
}

/** Of which document a topic carries a part, by the topic of its first part, and which. */
export function partOf(topic: string): { main: string; part: number } {
  const levels = topic.split('/');
  const parts = levels.at(-2)?.split(SEPARATOR) ?? [];
  // A job may be called `part`: that is an even place.
  const isPart = parts.at(-2) === PART && parts.length >= 5 && /^\d+$/.test(parts.at(-1) ?? '');
  if (!isPart) return { main: topic, part: 1 };
  const main = [...levels.slice(0, -2), parts.slice(0, -2).join(SEPARATOR), ...levels.slice(-1)].join('/');
  return { main, part: Number(parts.at(-1)) };
}

/** How far a document's device is from the bridge: 0 for the bridge itself, 1 for a job or a move, 2 for a slot; a further part counts as one below. */
export function depthOf(topic: string): number {
  const parts = topic.split('/').at(-2)?.split(SEPARATOR).length ?? 0;
  return Math.floor((parts - 2) / 2);
}

/** Where the document stands of the device that this one is reached through; `null` for the bridge. */
export function parentTopic(topic: string): string | null {
  const depth = depthOf(topic);
  if (depth <= 0) return null;
  const levels = topic.split('/');
  const parts = levels.at(-2)?.split(SEPARATOR) ?? [];
  const parent = depth === 1 ? [...parts.slice(0, 2), 'bridge'] : parts.slice(0, -2);
  return [...levels.slice(0, -2), parent.join(SEPARATOR), ...levels.slice(-1)].join('/');
}

/** What an entity's id begins with, behind its domain, before its key (contract, section 6). */
export function entityIdPrefix(base: string, subject: Subject): string {
  switch (subject.kind) {
    case 'bridge':
      return slug(base);
    case 'job':
      return slug(`${base}_${subject.job}`);
    case 'worker':
      return slug(`${base}_${subject.job}_worker_${subject.slot}`);
    case 'move':
      return slug(`${base}_move_${subject.move}`);
  }
}

/** Lower case, without accents; what is no letter or digit becomes `_`. */
export function slug(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '_');
}
