import { connect } from 'node:net';
import { onLines } from './lines.ts';
import { ANSWER_BYTES, type Request } from './protocol.ts';

/**
 * Asks the daemon whose socket has this path for answers without end: each as it comes, until `ended`, or the
 * connection breaks off. What is not taken yet is not read either, so that nothing grows here. Throws the system's
 * error, SyntaxError for what is no JSON, and where no first answer comes within `firstMs`.
 */
export async function* follow(
  path: string,
  request: Request,
  { ended, firstMs }: { ended: AbortSignal; firstMs: number },
): AsyncGenerator<unknown> {
  const socket = connect(path);
  const lines: string[] = [];
  let failure: Error | null = null;
  let closed = false;
  let wake = () => {};
  const fail = (error: Error) => {
    failure ??= error;
    socket.destroy();
  };
  const late = setTimeout(() => fail(new Error(`no answer within ${firstMs / 1000} s`)), firstMs);
  socket.on('connect', () => socket.write(`${JSON.stringify(request)}\n`));
  socket.on('error', fail);
  socket.on('close', () => {
    closed = true;
    wake();
  });
  onLines(socket, ANSWER_BYTES, {
    line: (text) => {
      clearTimeout(late);
      lines.push(text);
      wake();
    },
    tooLong: () => fail(new Error('an answer is too long')),
  });
  const end = () => socket.destroy();
  ended.addEventListener('abort', end);
  try {
    while (!ended.aborted) {
      for (const text of lines.splice(0)) yield JSON.parse(text);
      if (closed && lines.length === 0) break;
      if (lines.length > 0) continue;
      socket.resume();
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
      socket.pause();
    }
    if (failure !== null && !ended.aborted) throw failure;
  } finally {
    clearTimeout(late);
    ended.removeEventListener('abort', end);
    socket.destroy();
  }
}
