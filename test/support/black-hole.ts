import { spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';

/** A port at which nobody answers, neither yes nor no, as where a host is switched off. */
export interface BlackHole {
  port: number;
  close(): Promise<void>;
}

const LISTEN = `
  const server = require('node:net').createServer();
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => console.log(server.address().port));
`;

/** Makes one: a process that is stopped accepts nothing, and once its queue is full the system is silent too. */
export async function startBlackHole(): Promise<BlackHole> {
  const child = spawn(process.execPath, ['-e', LISTEN], { stdio: ['ignore', 'pipe', 'ignore'] });
  const [chunk] = await once(child.stdout, 'data');
  const port = Number(String(chunk));
  child.kill('SIGSTOP');
  const queued = Array.from({ length: 4 }, () => net.connect(port, '127.0.0.1').on('error', () => {}));
  await once(queued[0] ?? child, 'connect');
  return {
    port,
    async close() {
      for (const socket of queued) socket.destroy();
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}
