import { OWN_DRAIN } from '../../contract/holds.ts';
import type { HoldDetails } from './hold-details.ts';

/** What is sent to the daemon: what follows `B/` in the command's topic (contract, section 5), and its payload. */
export interface Message {
  topic: string;
  payload: string;
}

interface Told {
  /** The words behind the command; one in brackets may be left out. */
  takes: readonly Word[];
  message(words: readonly string[], details: HoldDetails): Message;
}

/** Kinds of words, with what each must look like. */
const WORDS = {
  JOB: { pattern: /^[^/]+$/, wanted: 'the id of a job' },
  NAME: { pattern: /^[^/]+$/, wanted: 'a name' },
  KEY: { pattern: /^[^/]+$/, wanted: 'what is to be set' },
  // What it may be is the daemon's to say.
  VALUE: { pattern: /^/, wanted: 'a value' },
  N: { pattern: /^[1-9]\d{0,8}$/, wanted: 'a whole number from 1 on' },
  SLOT: { pattern: /^[1-9]\d{0,8}$/, wanted: 'a whole number from 1 on' },
} as const;
type Kind = keyof typeof WORDS;
type Word = Kind | `[${Kind}]`;

const none = (topic: string): Message => ({ topic, payload: '' });

/** The topic of a hold of a job, or of the farm where no job is named. */
function holdTopic(name: string | undefined, job: string | undefined): string {
  return job === undefined ? `farm/hold/${name}` : `job/${job}/hold/${name}`;
}

const set = (topic: string, details: HoldDetails): Message => ({
  topic,
  payload: JSON.stringify({ value: true, ...details }),
});

/** The commands of the terminal that are sent to the daemon as they are. */
const TOLD = {
  start: {
    takes: ['JOB', '[N]'],
    message: ([job, workers = '']) => ({ topic: `job/${job}/do/start`, payload: workers }),
  },
  dismiss: {
    takes: ['JOB', '[SLOT]'],
    message: ([job, slot]) =>
      none(slot === undefined ? `job/${job}/do/dismiss` : `job/${job}/worker/${slot}/do/dismiss`),
  },
  pause: { takes: ['[JOB]'], message: ([job]) => paused(job, 'ON') },
  resume: { takes: ['[JOB]'], message: ([job]) => paused(job, 'OFF') },
  set: {
    takes: ['JOB', 'KEY', 'VALUE'],
    message: ([job, key, value = '']) => ({
      topic: isFarms(job, key) ? `farm/set/${key}` : `job/${job}/set/${key}`,
      payload: value,
    }),
  },
  hold: {
    takes: ['NAME', '[JOB]'],
    message: ([name, job], details) => set(holdTopic(name, job), details),
  },
  release: {
    takes: ['NAME', '[JOB]'],
    message: ([name, job]) => ({ topic: holdTopic(name, job), payload: 'OFF' }),
  },
  drain: { takes: [], message: (_words, details) => set(holdTopic(OWN_DRAIN, undefined), details) },
  reset: { takes: ['JOB'], message: ([job]) => none(`job/${job}/do/reset`) },
  fire: { takes: ['NAME'], message: ([name]) => none(`fire/${name}`) },
  reload: { takes: [], message: () => none('bridge/request/reload') },
} as const satisfies Readonly<Record<string, Told>>;

/** The farm's hold `pause`, or a job's own pause. */
function paused(job: string | undefined, payload: 'ON' | 'OFF'): Message {
  return { topic: job === undefined ? holdTopic('pause', undefined) : `job/${job}/set/paused`, payload };
}

/** Whether `set` is about the farm; a job that is called so is set over MQTT. */
export function isFarms(job: string | undefined, key: string | undefined): boolean {
  return job === 'farm' && key === 'max_workers';
}

export type TellName = keyof typeof TOLD;

export const TELL_NAMES = Object.keys(TOLD).filter((name): name is TellName => name in TOLD);

/** Whether a word of the command line is one of these commands. */
export function isTellName(word: string): word is TellName {
  return TELL_NAMES.some((name) => name === word);
}

/** What is wrong with the words behind such a command, in a sentence; `null` where nothing is. */
export function wordsProblem(name: TellName, words: readonly string[]): string | null {
  const takes: readonly Word[] = TOLD[name].takes;
  const most = takes.length;
  const least = takes.filter((word) => !word.startsWith('[')).length;
  if (words.length > most) return `'${words[most]}' is one word too many after "${name}"`;
  if (words.length < least) return `the command is "plot2mqtt ${[name, ...takes].join(' ')}"`;
  for (const [index, word] of words.entries()) {
    const { pattern, wanted } = WORDS[kindOf(takes[index] ?? 'VALUE')];
    if (!pattern.test(word)) return `'${word}' is not ${wanted}`;
  }
  return null;
}

function kindOf(word: Word): Kind {
  const kinds: readonly Kind[] = ['JOB', 'NAME', 'KEY', 'N', 'SLOT'];
  return kinds.find((kind) => word === kind || word === `[${kind}]`) ?? 'VALUE';
}

/** What such a command sends; its words have no problem. */
export function messageOf(name: TellName, words: readonly string[], details: HoldDetails = {}): Message {
  const { message }: Told = TOLD[name];
  return message(words, details);
}
