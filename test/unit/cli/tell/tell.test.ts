import { expect, it } from 'vitest';
import { doneInWords } from '../../../../src/cli/tell/tell-answers.ts';
import type { HoldDetails } from '../../../../src/cli/tell/hold-details.ts';
import { messageOf, type TellName } from '../../../../src/cli/tell/tell-words.ts';
import type { Command } from '../../../../src/contract/commands.ts';
import { commandOf } from '../../../../src/mqtt/commands/command-table.ts';
import { readPayload } from '../../../../src/mqtt/commands/payloads.ts';

const COMMANDS: [TellName, string[], Command, HoldDetails?][] = [
  ['start', ['nightly'], { type: 'start', job: 'nightly', workers: 1 }],
  ['start', ['nightly', '3'], { type: 'start', job: 'nightly', workers: 3 }],
  ['dismiss', ['nightly'], { type: 'dismiss_job', job: 'nightly' }],
  ['dismiss', ['nightly', '2'], { type: 'dismiss_worker', job: 'nightly', slot: 2 }],
  ['pause', ['nightly'], { type: 'set', job: 'nightly', settings: { paused: true } }],
  ['resume', ['nightly'], { type: 'set', job: 'nightly', settings: { paused: false } }],
  ['set', ['nightly', 'max_workers', '0'], { type: 'set', job: 'nightly', settings: { max_workers: 0 } }],
  ['set', ['nightly', 'enabled', 'off'], { type: 'set', job: 'nightly', settings: { enabled: false } }],
  ['reset', ['nightly'], { type: 'reset', job: 'nightly' }],
  ['pause', [], { type: 'set_hold', job: null, name: 'pause', wanted: {} }],
  ['resume', [], { type: 'release_hold', job: null, name: 'pause' }],
  ['set', ['farm', 'max_workers', '0'], { type: 'set_farm', max_workers: 0 }],
  ['set', ['farm', 'enabled', 'ON'], { type: 'set', job: 'farm', settings: { enabled: true } }],
  ['hold', ['price'], { type: 'set_hold', job: null, name: 'price', wanted: {} }],
  [
    'hold',
    ['price', 'cpu'],
    {
      ...{ type: 'set_hold', job: 'cpu', name: 'price' },
      wanted: { kind: 'no_starts', for_s: 7200, reason: '31 "ct"' },
    },
    { kind: 'no_starts', for: '2h', reason: '31 "ct"' },
  ],
  ['release', ['price'], { type: 'release_hold', job: null, name: 'price' }],
  ['release', ['price', 'cpu'], { type: 'release_hold', job: 'cpu', name: 'price' }],
  ['drain', [], { type: 'set_hold', job: null, name: 'drain', wanted: {} }],
  ['drain', [], { type: 'set_hold', job: null, name: 'drain', wanted: { for_s: 90 } }, { for: '90' }],
  ['fire', ['half-way'], { type: 'fire', name: 'half-way' }],
  ['reload', [], { type: 'reload' }],
];

it.each(COMMANDS)('%s %j is the same command as over MQTT', (name, words, command, details) => {
  const { topic, payload } = messageOf(name, words, details);
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
  ['pause', [], { changed: true }, 'the farm is paused'],
  ['pause', [], { changed: false }, 'the farm was paused already'],
  ['resume', [], { changed: true }, 'the pause of the farm is released'],
  ['resume', [], { changed: false }, 'the farm was not paused'],
  ['resume', ['j'], null, 'j is no longer paused'],
  ['resume', ['j'], { changed: false }, 'j was not paused'],
  ['hold', ['price'], { changed: true }, "the farm's hold 'price' stands"],
  ['hold', ['price', 'j'], { changed: false }, "j: the hold 'price' stood so already"],
  ['release', ['price'], { changed: true }, "the farm's hold 'price' is released"],
  ['release', ['price', 'j'], { changed: true }, "j: 'price' is released"],
  ['release', ['price', 'j'], { changed: false }, "j has no hold 'price'"],
  ['drain', [], { changed: true }, 'the farm drains, no worker is started'],
  ['set', ['farm', 'max_workers', '3'], null, 'the farm: max_workers is 3'],
  ['fire', ['go'], { jobs: 0 }, "'go' was fired; no jobs start on it"],
  ['fire', ['go'], { jobs: 1 }, "'go' was fired; 1 job starts on it"],
  ['fire', ['go'], { jobs: 2 }, "'go' was fired; 2 jobs start on it"],
  // A daemon of another version may answer more, or less.
  ['fire', ['go'], null, "'go' was fired"],
];

it.each(ANSWERS)('%s %j, answered with %j, says so', (name, words, data, text) => {
  expect(doneInWords(name, words, data)).toBe(text);
});
