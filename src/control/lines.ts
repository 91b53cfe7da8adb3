import type { Socket } from 'node:net';
import { StringDecoder } from 'node:string_decoder';

/**
 * Hands over what comes on a connection line by line. A line of more than `limit` characters ends it: `tooLong` is
 * called, once, and nothing after it is read.
 */
export function onLines(
  socket: Socket,
  limit: number,
  { line, tooLong }: { line: (text: string) => void; tooLong: () => void },
): void {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  let over = false;
  socket.on('data', (chunk: Buffer) => {
    if (over) return;
    const parts = (rest + decoder.write(chunk)).split('\n');
    rest = parts.pop() ?? '';
    for (const text of parts) {
      if (text.length > limit) over = true;
      if (!over) line(text);
    }
    if (over || rest.length > limit) {
      over = true;
      rest = '';
      tooLong();
    }
  });
}
