import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { identityOf, sameProcess } from '../../../src/host/process-identity.ts';

test('a process keeps its identity, and it is no other process’s', async () => {
  const child = spawn('sleep', ['60']);
  await once(child, 'spawn');
  const pid = child.pid ?? 0;
  const identity = identityOf(pid) ?? '';
  expect(identity).not.toBe('');
  expect(identityOf(pid)).toBe(identity);
  expect(sameProcess({ pid, identity })).toBe(true);
  // The same id with another time of start is somebody else.
  expect(sameProcess({ pid: process.pid, identity })).toBe(false);

  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(identityOf(pid)).toBeNull();
  expect(sameProcess({ pid, identity })).toBe(false);
});

test('a zombie is nobody', async () => {
  // The shell never waits for its child, which has ended when the output does.
  const parent = spawn('sh', ['-c', 'sh -c "echo \\$\\$" & exec sleep 60 >&-'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let output = '';
  parent.stdout.on('data', (chunk) => {
    output += String(chunk);
  });
  await once(parent.stdout, 'end');
  await expect.poll(() => identityOf(Number(output))).toBeNull();
  parent.kill('SIGKILL');
});

test('no process has an id that was never given', () => {
  expect(identityOf(2 ** 31 - 1)).toBeNull();
});
