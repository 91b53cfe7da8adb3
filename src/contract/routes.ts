import { PUBLISHED_KINDS, type PublishedKind, publishedTopic } from './published.ts';

/** What stands on a topic: the kind, what is told apart on the way to it, and the key where it is a plain topic. */
export interface Route {
  kind: PublishedKind;
  names: Readonly<Record<string, string>>;
  key: string | null;
}

/** Parses a topic on which something is published below a base topic; anything else is `undefined`. */
export function routeOf(base: string, topic: string): Route | undefined {
  if (!topic.startsWith(`${base}/`)) return undefined;
  const levels = topic.slice(base.length + 1).split('/');
  for (const kind of PUBLISHED_KINDS) {
    const { path, rows } = publishedTopic(kind);
    const names = namesIn(path.split('/'), levels);
    if (names) return { kind, names, key: null };
    const key = levels.at(-1) ?? '';
    const above = rows?.[key]?.topic ? namesIn(path.split('/'), levels.slice(0, -1)) : undefined;
    if (above) return { kind, names: above, key };
  }
  return undefined;
}

/** What stands for the names of a path in the levels of a topic; `undefined` where they don't fit it. */
function namesIn(path: readonly string[], levels: readonly string[]): Record<string, string> | undefined {
  if (path.length !== levels.length) return undefined;
  const names: Record<string, string> = {};
  for (const [index, part] of path.entries()) {
    const level = levels[index] ?? '';
    if (!part.startsWith('<')) {
      if (part !== level) return undefined;
    } else if (level === '' || (part === '<slot>' && parseSlot(level) === undefined)) return undefined;
    else names[part.slice(1, -1)] = level;
  }
  return names;
}

/** Whether a daemon retains something on a topic below its base topic. */
export function isRetained(base: string, topic: string): boolean {
  const route = routeOf(base, topic);
  return route !== undefined && publishedTopic(route.kind).retained;
}

/** Whether an object of rows stands on a topic of ours, not one plain value. */
export function isObjectTopic(base: string, topic: string): boolean {
  const route = routeOf(base, topic);
  return route?.key === null && publishedTopic(route.kind).rows !== undefined;
}

/** The job, or the slot of a job, whose object stands on a topic. */
export type ObjectRoute = { job: string; slot: number | null };

/** Parses `B/job/<job>` and `B/job/<job>/worker/<slot>`; anything else is `undefined`. */
export function objectRoute(base: string, topic: string): ObjectRoute | undefined {
  const { kind, names, key } = routeOf(base, topic) ?? {};
  if (key !== null || names?.job === undefined) return undefined;
  if (kind === 'job') return { job: names.job, slot: null };
  return kind === 'worker' ? { job: names.job, slot: parseSlot(names.slot) ?? null } : undefined;
}

/** The move whose object stands on a topic; anything else is `undefined`. */
export function moveRoute(base: string, topic: string): string | undefined {
  const { kind, names, key } = routeOf(base, topic) ?? {};
  return key === null && kind === 'move' ? names?.move : undefined;
}

/** A slot as it stands in a topic: a whole number from 1 on. */
export function parseSlot(text: string | undefined): number | undefined {
  return text !== undefined && /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined;
}
