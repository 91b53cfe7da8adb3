import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Answer, Command } from '../../../../src/contract/commands.ts';
import { topics } from '../../../../src/contract/topics.ts';
import { Commands } from '../../../../src/mqtt/commands/commands.ts';
import type { Message, Publication } from '../../../../src/mqtt/connection/session.ts';
import { collectingLog } from '../support/fixture.ts';

/** Commands with everything it publishes and executes written down. */
function commands(
  execute: (command: Command) => Promise<Answer> = async () => ({ status: 'ok', data: null }),
) {
  const answers: Publication[] = [];
  const cleared: string[] = [];
  const { log, lines } = collectingLog();
  const receiver = new Commands({
    topics: topics('b'),
    execute,
    answer: (message) => answers.push(message),
    fits: () => true,
    clear: (topic) => cleared.push(topic),
    log,
  });
  return { receiver, answers, cleared, lines };
}

const message = (topic: string, payload: string | Buffer, change: Partial<Message> = {}): Message => ({
  topic,
  payload: Buffer.from(payload),
  retained: false,
  responseTopic: undefined,
  correlationData: undefined,
  ...change,
});

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('answers', () => {
  it('go to the response topic, with the transaction, and to the one that was asked for', async () => {
    const { receiver, answers } = commands();
    const correlationData = Buffer.from('c');
    receiver.receive(
      message('b/bridge/request/job/list', '{"transaction":{"n":1}}', {
        responseTopic: 'me/here',
        correlationData,
      }),
    );
    await settled();
    const payload = '{"status":"ok","data":null,"transaction":{"n":1}}';
    expect(answers).toEqual([
      { topic: 'b/bridge/response/job/list', payload, retain: false },
      { topic: 'me/here', payload, retain: false, correlationData },
    ]);
  });

  it.each(['b/job/x/do/start', 'b/bridge/state', 'a/#', '$SYS/x', ''])(
    'never go to %s',
    async (responseTopic) => {
      const { receiver, answers } = commands();
      receiver.receive(message('b/fire/x', '', { responseTopic }));
      await settled();
      expect(answers.map(({ topic }) => topic)).toEqual(['b/bridge/response/fire/x']);
    },
  );

  it('keep the transaction of what is refused', async () => {
    const { receiver, answers } = commands();
    receiver.receive(message('b/job/x/set/colour', '{"value":1,"transaction":"t9"}'));
    receiver.receive(message('b/job/x/set/enabled', '{"value":"?","transaction":"t10"}'));
    await settled();
    expect(answers.map(({ payload }) => JSON.parse(payload))).toEqual([
      {
        status: 'error',
        error: { code: 'unknown_command', message: expect.any(String), path: null },
        transaction: 't9',
      },
      {
        status: 'error',
        error: { code: 'invalid_payload', message: expect.any(String), path: 'value' },
        transaction: 't10',
      },
    ]);
  });

  it('say internal where the command threw, and the log says why', async () => {
    const { receiver, answers, lines } = commands(async () => {
      throw new Error('the disk is on fire');
    });
    receiver.receive(message('b/job/x/do/reset', ''));
    await settled();
    expect(answers[0]?.payload).toContain('"internal"');
    expect(answers[0]?.payload).not.toContain('fire');
    expect(lines.join('')).toContain('the disk is on fire');
  });

  it('of quick commands do not wait for slow ones, and commands begin in order', async () => {
    const begun: string[] = [];
    let finish = () => {};
    const slow = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const { receiver, answers } = commands(async (command) => {
      begun.push(command.type);
      if (command.type === 'dismiss_job') await slow;
      return { status: 'ok', data: null };
    });
    receiver.receive(message('b/job/x/do/dismiss', ''));
    receiver.receive(message('b/job/x/do/reset', ''));
    receiver.receive(message('b/job/x/do/start', ''));
    await settled();
    expect(begun).toEqual(['dismiss_job', 'reset', 'start']);
    expect(answers.map(({ topic }) => topic)).toEqual([
      'b/bridge/response/job/x/do/reset',
      'b/bridge/response/job/x/do/start',
    ]);
    finish();
    await settled();
    expect(answers.at(-1)?.topic).toBe('b/bridge/response/job/x/do/dismiss');
  });

  it('come for every command topic and payload, with a code where it is refused', async () => {
    const level = fc.oneof(
      fc.constantFrom(
        'job',
        'set',
        'do',
        'start',
        'worker',
        '1',
        'fire',
        'bridge',
        'request',
        'create',
        'nightly',
        '..',
        '__proto__',
      ),
      fc.string({ maxLength: 12 }).map((text) => text.replace(/[/#+\0]/g, '_')),
    );
    const topic = fc
      .tuple(
        fc.constantFrom(
          'job/nightly/set',
          'job/x/do',
          'job/y/worker/1/set',
          'fire',
          'bridge/request',
          'bridge/request/job',
        ),
        fc.array(level, { maxLength: 4 }),
      )
      .map(([start, levels]) => ['b', start, ...levels].join('/'));
    const payload = fc.oneof(
      fc.string(),
      fc.json({ maxDepth: 8 }),
      fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    );
    await fc.assert(
      fc.asyncProperty(topic, payload, async (where, what) => {
        const { receiver, answers } = commands();
        receiver.receive(message(where, what));
        await settled();
        expect(answers).toHaveLength(1);
        const { status, error } = JSON.parse(answers[0]?.payload ?? '');
        expect(status === 'ok' || typeof error.code === 'string').toBe(true);
        expect(error?.code).not.toBe('internal');
      }),
      { numRuns: 2000 },
    );
  });
});

describe('retained commands', () => {
  it('are cleared and refused, and the empty echo of the clearing is ignored, once', async () => {
    const { receiver, answers, cleared } = commands();
    receiver.receive(message('b/job/x/do/start', '{"value":3,"transaction":"t"}', { retained: true }));
    expect(cleared).toEqual(['b/job/x/do/start']);
    expect(JSON.parse(answers[0]?.payload ?? '')).toMatchObject({
      error: { code: 'not_allowed' },
      transaction: 't',
    });
    receiver.receive(message('b/job/x/do/start', ''));
    await settled();
    expect(answers).toHaveLength(1);
    receiver.receive(message('b/job/x/do/start', ''));
    await settled();
    expect(answers).toHaveLength(2);
  });

  it('that are empty are clearings', async () => {
    const { receiver, answers, cleared } = commands();
    receiver.receive(message('b/job/x/do/start', '', { retained: true }));
    await settled();
    expect([answers, cleared]).toEqual([[], []]);
  });
});
