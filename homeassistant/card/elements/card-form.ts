import { DEFAULT_HOURS, MAX_HOURS } from '../options.ts';
import { type Word, wordsOf } from '../words/words.ts';

const LABELS: Readonly<Record<string, Word>> = {
  hours: 'option_hours',
  jobs: 'option_jobs',
  base_topic: 'option_base_topic',
  disks: 'option_disks',
};

/** The card's form, as Home Assistant's editor shows it. */
export function cardForm(): object {
  const words = wordsOf(document.documentElement.lang || 'en');
  return {
    schema: [
      {
        name: 'hours',
        default: DEFAULT_HOURS,
        selector: { number: { min: 1, max: MAX_HOURS, step: 1, mode: 'box' } },
      },
      { name: 'jobs', selector: { text: { multiple: true } } },
      { name: 'base_topic', selector: { text: { multiple: true } } },
      { name: 'disks', default: true, selector: { boolean: {} } },
    ],
    computeLabel({ name }: { name: string }) {
      const word = LABELS[name];
      return word === undefined ? undefined : words.say(word);
    },
  };
}
