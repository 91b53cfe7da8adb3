import { STATES } from './states.ts';
import { TEXTS } from './texts.ts';

export type Word = keyof typeof TEXTS;
export type Fill = Readonly<Record<string, string | number>>;

/** What is said in one language. */
export interface Words {
  language: string;
  say(word: Word, fill?: Fill): string;
  /** A state of ours in words; one that is unknown here as it is. */
  state(state: string): string;
}

/** A word in each of these languages, in their order. */
type Said = readonly [english: string, german: string];
const KNOWN: Readonly<Record<string, Said>> = STATES;
const GERMAN = /^de\b/i;

/** The words of a language, `de-CH` being `de`; English where there are none. */
export function wordsOf(language: string): Words {
  const nth = GERMAN.test(language) ? 1 : 0;
  return {
    language,
    say: (word, fill = {}) => filledIn(TEXTS[word][nth], fill),
    state: (state) => KNOWN[state]?.[nth] ?? state.replaceAll('_', ' '),
  };
}

/** `{name}` is what it is filled with, of `{name:one|many}` what goes with that number. */
function filledIn(text: string, fill: Fill): string {
  return text.replace(/\{(\w+)(?::(.*?)\|(.*?))?\}/g, (_, name: string, one?: string, many?: string) => {
    const value = String(fill[name] ?? '');
    return one === undefined || many === undefined ? value : value === '1' ? one : many;
  });
}
