import { maskJson } from '../../config/mask-json.ts';
import type { KeptEvent } from '../../engine/model/kept-event.ts';
import { isFreeForm } from '../../mqtt/free-form.ts';
import type { Secrets } from '../commands/hidden.ts';

/** Names of files and directories, which files of `data_dir` have as they are (contract, section 2). */
const PATHS: ReadonlySet<string | undefined> = new Set(['plot', 'file', 'from', 'to']);

/** An event as events.jsonl has it, for days: what is secret is hidden as in messages, arguments and errors too. */
export function keptText(event: KeptEvent, { mask, mayHold }: Secrets): string {
  const text = JSON.stringify(event);
  if (!mayHold(text)) return text;
  return maskJson(text, mask, (keys, value) => !PATHS.has(keys.at(-1)) && isFreeForm(keys, value));
}
