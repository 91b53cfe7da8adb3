/** What is sent to the daemon: what follows `B/` in the command's topic (contract, section 5), and its payload. */
export interface Message {
  topic: string;
  payload: string;
}

interface Told {
  /** The words behind the command; one in brackets may be left out. */
  takes: readonly Word[];
  message(words: readonly string[]): Message;
}

/** Kinds of words, with what each must look like. */
const WORDS = {
  JOB: { pattern: /^[^/]+$/, wanted: 'the id of a job' },
  NAME: { pattern: /^[^/]+$/, wanted: 'the name of an event' },
  KEY: { pattern: /^[^/]+$/, wanted: 'what is to be set' },
  // What it may be is the daemon's to say.
  VALUE: { pattern: /^/, wanted: 'a value' },
  N: { pattern: /^[1-9]\d{0,8}$/, wanted: 'a whole number from 1 on' },
  SLOT: { pattern: /^[1-9]\d{0,8}$/, wanted: 'a whole number from 1 on' },
} as const;
type Kind = keyof typeof WORDS;
type Word = Kind | `[${Kind}]`;

const none = (topic: string): Message => ({ topic, payload: '' });

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
  pause: { takes: ['JOB'], message: ([job]) => ({ topic: `job/${job}/set/paused`, payload: 'ON' }) },
  resume: { takes: ['JOB'], message: ([job]) => ({ topic: `job/${job}/set/paused`, payload: 'OFF' }) },
  set: {
    takes: ['JOB', 'KEY', 'VALUE'],
    message: ([job, key, value = '']) => ({ topic: `job/${job}/set/${key}`, payload: value }),
  },
  reset: { takes: ['JOB'], message: ([job]) => none(`job/${job}/do/reset`) },
  fire: { takes: ['NAME'], message: ([name]) => none(`fire/${name}`) },
  reload: { takes: [], message: () => none('bridge/request/reload') },
} as const satisfies Readonly<Record<string, Told>>;

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
export function messageOf(name: TellName, words: readonly string[]): Message {
  return TOLD[name].message(words);
}
