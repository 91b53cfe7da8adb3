import { isObject } from '../util/objects.ts';
import { MIN_SECRET_LENGTH } from './mask.ts';
import { resolvePath } from './paths.ts';
import type { Path } from './positions.ts';
import type { Finding } from './problems.ts';
import { sectionOf } from './references.ts';
import { COMMAND_FIELDS } from './schema/job.ts';

/** A password, or what `!secret` stands for, and where it is written. */
export interface PlacedSecret {
  text: string;
  path: Path;
}

/** What of a job is text of free form; all else of it is shown as it is. */
const FREE_JOB_FIELDS: ReadonlySet<unknown> = new Set(['title', 'arguments', ...COMMAND_FIELDS]);
/** What of a hold is. */
const FREE_HOLD_FIELDS: ReadonlySet<unknown> = new Set(['title']);
const SHOWN_SECTIONS = [
  ['jobs', FREE_JOB_FIELDS],
  ['holds', FREE_HOLD_FIELDS],
] as const;
const TOPIC_SETTINGS: ReadonlySet<string> = new Set([
  'mqtt.base_topic',
  'homeassistant.discovery_prefix',
  'homeassistant.status_topic',
]);

/**
 * Secrets that could not be kept: what stands in topics, and ids and words that messages carry, is never masked
 * (contract, section 2).
 */
export function checkSecrets(
  secrets: readonly PlacedSecret[],
  config: unknown,
  builtIn: readonly string[],
  words: ReadonlySet<string>,
): Finding[] {
  const names = namesIn(config, builtIn);
  return secrets.flatMap(({ text, path }): Finding[] => {
    if (text.length < MIN_SECRET_LENGTH) return [];
    const finding = (message: string): Finding => ({ path, at: 'value', message });
    if (isShown(path)) return [finding('what stands here is shown as it is, so it can be no secret')];
    const taken = names.get(text) ?? (words.has(text) ? 'a word that messages carry' : undefined);
    return taken === undefined ? [] : [finding(`this secret is also ${taken}: choose another one`)];
  });
}

function isShown(path: Path): boolean {
  const [section, , field] = path;
  return (
    TOPIC_SETTINGS.has(path.join('.')) ||
    SHOWN_SECTIONS.some(([name, free]) => section === name && !free.has(field))
  );
}

/** The names that the configuration gives, with what they are. */
function namesIn(config: unknown, builtIn: readonly string[]): ReadonlyMap<string, string> {
  const jobs = Object.entries(sectionOf(config, 'jobs'));
  const events = jobs.flatMap(([, job]) =>
    isObject(job) ? [...valuesOf(job.events, 'fire'), ...valuesOf(job.starts, 'on')] : [],
  );
  const plotters = [...builtIn, ...Object.keys(sectionOf(config, 'plotters'))];
  return new Map([
    ...events.map((name) => [name, 'a named event'] as const),
    ...plotters.map((id) => [id, 'the id of a plotter'] as const),
    ...Object.keys(sectionOf(config, 'holds')).map((name) => [name, 'the name of a hold'] as const),
    ...jobs.map(([id]) => [id, 'the id of a job'] as const),
  ]);
}

function valuesOf(list: unknown, key: string): string[] {
  const items: unknown[] = Array.isArray(list) ? list : [];
  return items.flatMap((item) => {
    const value = isObject(item) ? item[key] : undefined;
    return typeof value === 'string' ? [value] : [];
  });
}

/** How else the secrets may stand in texts: a directory is shown absolute, and without a slash behind it. */
export function spelledOut(secrets: readonly PlacedSecret[], directory: string): string[] {
  return secrets.flatMap(({ text }) =>
    text.length >= MIN_SECRET_LENGTH && text.includes('/') ? [text, resolvePath(directory, text)] : [text],
  );
}
