import type { DiskGroup } from './alike.ts';

/** Lines as comments, but for empty ones. */
export function commented(text: string): string {
  return text.replaceAll(/^(?=.)/gm, '# ');
}

/** A text as it stands in config.yaml, whatever is in it: `${` would be an environment variable. */
export function yamlText(value: string): string {
  return JSON.stringify(value.replaceAll('${', () => '$${'));
}

/** One directory or pattern, or a list of them. */
export function directoriesText(groups: readonly Pick<DiskGroup, 'directory'>[]): string {
  const [first = '', ...more] = groups.map(({ directory }) => yamlText(directory));
  return more.length === 0 ? first : `[${[first, ...more].join(', ')}]`;
}
