import { LIMITS } from './limits.ts';

/** Names that every object has: aedes looks clients and subscriptions up in plain objects. */
function isInherited(name: string): boolean {
  return name in {};
}

/** Why a client may not have this id, if so. */
export function badClientId(id: string): string | undefined {
  if (isInherited(id)) return 'this client id is reserved';
  return Buffer.byteLength(id) > LIMITS.topicLength ? 'the client id is too long' : undefined;
}

/** Why nobody may publish to this topic, if so. */
export function badTopic(topic: string): string | undefined {
  if (topic === '') return 'empty topic';
  if (topic.startsWith('$')) return 'topics that begin with $ are the broker’s own';
  if (/[+#\0]/.test(topic)) return 'a topic has no wildcards';
  return badFilter(topic);
}

/** Why nobody may subscribe to this filter, if so. */
export function badFilter(filter: string): string | undefined {
  if (filter.startsWith('$')) return 'topics that begin with $ are not served';
  if (isInherited(filter)) return 'this topic is reserved';
  if (Buffer.byteLength(filter) > LIMITS.topicLength) return 'the topic is too long';
  if (filter.split('/').length > LIMITS.topicLevels) return 'the topic has too many levels';
  return undefined;
}
