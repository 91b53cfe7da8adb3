import type { Agent } from 'node:http';
import type { Socket } from 'node:net';

/** How long a host may take to accept a TCP connection; one that isn't there says nothing at all. */
const ACCEPT_MS = 2_000;
/** The system probes a silent connection after so long, and then each second, ten times. */
const PROBE_MS = 3_000;

/**
 * Keeps a TCP connection from waiting for a host that is gone: it gives up soon while it connects, and notices a
 * host that went without a word, or came back and knows nothing of it, without waking this process up.
 */
export function watchSocket(socket: Socket): void {
  socket.once('connectionAttempt', () => {
    const timer = setTimeout(
      () => socket.destroy(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })),
      ACCEPT_MS,
    );
    for (const event of ['connect', 'close']) socket.once(event, () => clearTimeout(timer));
  });
  socket.once('connect', () => {
    // Nagle's algorithm adds 40 ms to a round trip.
    socket.setNoDelay(true);
    socket.setKeepAlive(true, PROBE_MS);
  });
}

/** What makes the connections of websockets, each watched. `secure`: of wss. */
export async function watchfulAgent(secure: boolean): Promise<Agent> {
  const [http, https, { Socket: TcpSocket }] = await Promise.all([
    import('node:http'),
    import('node:https'),
    import('node:net'),
  ]);
  const agent = secure ? new https.Agent() : new http.Agent();
  const connect = agent.createConnection.bind(agent);
  agent.createConnection = (options, callback) => {
    const socket = connect(options, callback);
    if (socket instanceof TcpSocket) watchSocket(socket);
    return socket;
  };
  return agent;
}
