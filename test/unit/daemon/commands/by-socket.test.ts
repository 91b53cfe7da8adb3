import { expect, it } from 'vitest';
import { createGrowingMask } from '../../../../src/config/mask.ts';
import type { Answer, Command } from '../../../../src/contract/commands.ts';
import { answerCommand } from '../../../../src/daemon/commands/by-socket.ts';

const OK: Answer = { status: 'ok', data: null };

async function sent(request: object, answer: Answer = OK, secrets: string[] = []) {
  const executed: Command[] = [];
  const execute = async (command: Command) => {
    executed.push(command);
    return answer;
  };
  const answered = await answerCommand({ type: 'command', ...request }, execute, createGrowingMask(secrets));
  return { executed, answered };
}

it.each([
  [
    { topic: 'job/j/do/start', payload: '2' },
    { type: 'start', job: 'j', workers: 2 },
  ],
  [{ topic: 'job/j/do/start' }, { type: 'start', job: 'j', workers: 1 }],
  [
    { topic: 'job/j/set/paused', payload: '{"value":"on"}' },
    { type: 'set', job: 'j', settings: { paused: true } },
  ],
])('%j is read as over MQTT', async (request, command) => {
  expect(await sent(request)).toEqual({ executed: [command], answered: { type: 'command', ...OK } });
});

it.each([
  [{ topic: 'job/j/do/explode' }, 'unknown_command'],
  [{ topic: 'job/J/do/start' }, 'unknown_job'],
  [{ topic: 'job/j/do/start', payload: 'two' }, 'invalid_payload'],
])('%j is refused as over MQTT, with its code', async (request, code) => {
  expect(await sent(request)).toMatchObject({
    executed: [],
    answered: { type: 'command', status: 'error', error: { code } },
  });
});

it.each([[{}], [{ topic: 7 }], [{ topic: 'job/j/do/start', payload: 2 }]])(
  '%j is no request',
  async (request) => {
    expect(await sent(request)).toMatchObject({
      executed: [],
      answered: { type: 'error', code: 'invalid_payload' },
    });
  },
);

it('shows no secret, and leaves what things are told apart by', async () => {
  const answer: Answer = {
    status: 'ok',
    data: { plots: [{ job: 'hunter2', plot: '/hunter2/a.plot', ended_at: '2026-11-26T20:00:00.000Z' }] },
  };
  const { answered } = await sent({ topic: 'bridge/request/history' }, answer, ['hunter2', '2026']);
  expect(answered).toMatchObject({
    data: { plots: [{ job: 'hunter2', plot: '/***/a.plot', ended_at: '2026-11-26T20:00:00.000Z' }] },
  });
});
