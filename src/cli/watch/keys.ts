import { emitKeypressEvents } from 'node:readline';
import type { ReadStream } from 'node:tty';

/** What a key asks for. */
export type Wish = 'end' | 'suspend' | 'up' | 'down' | 'page up' | 'page down' | 'top' | 'bottom';

const KEYS: Readonly<Record<string, Wish>> = {
  ...{ q: 'end', up: 'up', k: 'up', down: 'down', j: 'down' },
  ...{ pageup: 'page up', b: 'page up', pagedown: 'page down', space: 'page down' },
  ...{ home: 'top', g: 'top', end: 'bottom' },
};
const WITH_CONTROL: Readonly<Record<string, Wish>> = { c: 'end', d: 'end', z: 'suspend' };

interface Key {
  name?: string;
  ctrl?: boolean;
}

/** Tells what keys ask for, until the returned function is called. */
export function listen(keys: ReadStream, wish: (wish: Wish) => void): () => void {
  emitKeypressEvents(keys);
  const take = (_text: string | undefined, { name = '', ctrl = false }: Key) => {
    const table = ctrl ? WITH_CONTROL : KEYS;
    const wanted = Object.hasOwn(table, name) ? table[name] : undefined;
    if (wanted !== undefined) wish(wanted);
  };
  const gone = () => wish('end');
  keys.on('keypress', take);
  // The terminal was closed.
  keys.on('end', gone);
  keys.on('error', gone);
  keys.resume();
  return () => {
    keys.off('keypress', take);
    keys.off('end', gone);
    keys.pause();
  };
}
