/** Given to the socket at a time, in bytes: TLS keeps a copy of it. */
const PIECE = 64 * 1024;

/** Cuts buffers to what a socket is given at a time; small ones, of which a packet may have thousands, go together. */
export function* piecesOf(buffers: Buffer[]): Generator<Buffer, undefined> {
  let small: Buffer[] = [];
  let bytes = 0;
  for (const buffer of buffers) {
    if (bytes + buffer.length > PIECE) {
      if (bytes > 0) yield Buffer.concat(small, bytes);
      [small, bytes] = [[], 0];
    }
    if (buffer.length > PIECE)
      for (let at = 0; at < buffer.length; at += PIECE) yield buffer.subarray(at, at + PIECE);
    else {
      small.push(buffer);
      bytes += buffer.length;
    }
  }
  if (bytes > 0) yield Buffer.concat(small, bytes);
  return undefined;
}
