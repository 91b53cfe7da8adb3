import { once } from 'node:events';
import net from 'node:net';

/** A TCP relay to a port of this machine, whose connections can be cut. */
export interface Proxy {
  port: number;
  /** Cuts all connections; new ones are accepted. */
  cut(): void;
  /** What comes from that port waits, until it is let go. */
  hold(): void;
  letGo(): void;
  close(): Promise<void>;
}

export async function startProxy(target: number): Promise<Proxy> {
  const sockets = new Set<net.Socket>();
  const relays = new Set<{ from: net.Socket; to: net.Socket }>();
  const keep = (socket: net.Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
  };
  const server = net.createServer({ noDelay: true }, (socket) => {
    const there = net.connect({ port: target, host: '127.0.0.1', noDelay: true });
    keep(socket);
    keep(there);
    socket.pipe(there).pipe(socket);
    const relay = { from: there, to: socket };
    relays.add(relay);
    socket.once('close', () => relays.delete(relay));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: address.port,
    cut,
    hold: () => {
      for (const { from, to } of relays) from.unpipe(to);
    },
    letGo: () => {
      for (const { from, to } of relays) from.pipe(to);
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      cut();
      await closed;
    },
  };
}
