import { CONTRACT_VERSION } from '../views.ts';
import { always, id, listOf, objectOf, text } from './carriers.ts';
import type { Rows } from './row.ts';

/** `B/bridge/info`. */
export const INFO_ROWS = {
  version: { is: id, says: 'of the program' },
  instance: { is: id, says: 'random, of this installation' },
  base_topic: { is: id, says: '`B` itself' },
  contract: { is: always(CONTRACT_VERSION), says: 'version of topics, payloads and commands' },
  plotters: { is: listOf(objectOf({ id, title: text })), says: 'those that jobs may name' },
} as const satisfies Rows;
