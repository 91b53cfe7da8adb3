import { DE, DE_STATES } from './de.ts';
import { EN, EN_STATES } from './en.ts';

export type Word = keyof typeof EN;
export type Fill = Readonly<Record<string, string | number>>;

/** What is said in one language. */
export interface Words {
  language: string;
  say(word: Word, fill?: Fill): string;
  /** A state of ours in words; one that is unknown here as it is. */
  state(state: string): string;
}

interface Language {
  words: Readonly<Record<Word, string>>;
  states: Readonly<Record<string, string>>;
}
const ENGLISH: Language = { words: EN, states: EN_STATES };
const LANGUAGES: Readonly<Record<string, Language>> = {
  en: ENGLISH,
  de: { words: DE, states: DE_STATES },
};

/** The words of a language, `de-CH` being `de`; English where there are none. */
export function wordsOf(language: string): Words {
  const base = language.split('-')[0]?.toLowerCase() ?? 'en';
  const { words, states } = LANGUAGES[base] ?? ENGLISH;
  return {
    language,
    say: (word, fill = {}) =>
      words[word].replace(/\{(\w+)\}/g, (_, name: string) => String(fill[name] ?? '')),
    state: (state) => states[state] ?? state.replaceAll('_', ' '),
  };
}
