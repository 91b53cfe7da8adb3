import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
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

test('ps tells the same where there is no /proc', async () => {
  const { platform } = process;
  const path = process.env.PATH;
  Object.defineProperty(process, 'platform', { value: 'darwin' });
  onTestFinished(() => void Object.defineProperty(process, 'platform', { value: platform }));
  const child = spawn('sleep', ['60']);
  await once(child, 'spawn');
  const pid = child.pid ?? 0;
  const identity = identityOf(pid) ?? '';
  // "Thu Nov 26 13:20:00 2026"
  expect(identity).toMatch(/:\w{3}_\w{3}_\d+_[\d:]{8}_\d{4}$/);
  expect(sameProcess({ pid, identity })).toBe(true);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(identityOf(pid)).toBeNull();
  process.env.PATH = '';
  onTestFinished(() => void Object.assign(process.env, { PATH: path }));
  expect(() => identityOf(process.pid)).toThrow('ps');
});
