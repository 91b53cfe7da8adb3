import { expect, it } from 'vitest';
import { doneInWords } from '../../../src/cli/tell-answers.ts';
import { messageOf, type TellName } from '../../../src/cli/tell-words.ts';
import type { Command } from '../../../src/contract/commands.ts';
import { commandOf } from '../../../src/mqtt/command-table.ts';
import { readPayload } from '../../../src/mqtt/payloads.ts';

const COMMANDS: [TellName, string[], Command][] = [
  ['start', ['nightly'], { type: 'start', job: 'nightly', workers: 1 }],
  ['start', ['nightly', '3'], { type: 'start', job: 'nightly', workers: 3 }],
  ['dismiss', ['nightly'], { type: 'dismiss_job', job: 'nightly' }],
  ['dismiss', ['nightly', '2'], { type: 'dismiss_worker', job: 'nightly', slot: 2 }],
  ['pause', ['nightly'], { type: 'set', job: 'nightly', settings: { paused: true } }],
  ['resume', ['nightly'], { type: 'set', job: 'nightly', settings: { paused: false } }],
  ['set', ['nightly', 'max_workers', '0'], { type: 'set', job: 'nightly', settings: { max_workers: 0 } }],
  ['set', ['nightly', 'enabled', 'off'], { type: 'set', job: 'nightly', settings: { enabled: false } }],
  ['reset', ['nightly'], { type: 'reset', job: 'nightly' }],
  ['fire', ['half-way'], { type: 'fire', name: 'half-way' }],
  ['reload', [], { type: 'reload' }],
];

it.each(COMMANDS)('%s %j is the same command as over MQTT', (name, words, command) => {
  const { topic, payload } = messageOf(name, words);
  expect(commandOf(topic)(readPayload(Buffer.from(payload)))).toEqual(command);
});

const worker = (slot: number) => ({ slot, worker: `w${slot}` });
const ANSWERS: [TellName, string[], unknown, string][] = [
  ['start', ['j'], { workers: [worker(1)] }, 'j: 1 worker started: slot 1 (w1)'],
  [
    'start',
    ['j', '2'],
    { workers: [worker(1), worker(3)] },
    'j: 2 workers started: slot 1 (w1), slot 3 (w3)',
  ],
  ['start', ['j', '3'], { workers: [worker(1)] }, 'j: 1 of 3 workers started: slot 1 (w1)'],
  ['dismiss', ['j'], null, 'j: no worker runs any more'],
  ['dismiss', ['j', '2'], null, 'j: the worker in slot 2 is stopped'],
  [
    'pause',
    ['j'],
    { stored: false },
    "j is paused; data_dir can't be written now, so that is written down later",
  ],
  ['fire', ['go'], { jobs: 0 }, "'go' was fired; no jobs start on it"],
  ['fire', ['go'], { jobs: 1 }, "'go' was fired; 1 job starts on it"],
  ['fire', ['go'], { jobs: 2 }, "'go' was fired; 2 jobs start on it"],
  // A daemon of another version may answer more, or less.
  ['fire', ['go'], null, "'go' was fired"],
];

it.each(ANSWERS)('%s %j, answered with %j, says so', (name, words, data, text) => {
  expect(doneInWords(name, words, data)).toBe(text);
});
