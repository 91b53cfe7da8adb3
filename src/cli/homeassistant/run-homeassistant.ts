import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { messageOf } from '../../util/errors.ts';
import { VERSION } from '../../util/version.ts';
import { type Copied, copyFiles, type Outcome } from './copy-files.ts';
import { type Installed, readInstalled, writeInstalled } from './installed.ts';
import { leftToDo } from './left-to-do.ts';
import { CARD, shippedFiles } from './shipped.ts';

/** How each outcome is said; what is the same is counted alone. */
const WORDS: Readonly<Record<Exclude<Outcome, 'same'>, string>> = {
  new: 'new',
  replaced: 'replaced',
  removed: 'removed: it is shipped no more',
  left: "left as it is: it was changed by hand, or isn't from here. To have it replaced, remove it and run this again",
};

/**
 * `plot2mqtt homeassistant DIR` (contract, section 1): copies what there is for Home Assistant into its configuration
 * directory and says what is left to do.
 * @param program the directory of plot2mqtt's package
 * @returns the exit code: 0, or 1 where not all could be written
 */
export function runHomeAssistant(
  name: string,
  program: string,
  { out = say(process.stdout), problem = say(process.stderr) }: { out?: Say; problem?: Say } = {},
): 0 | 1 {
  const directory = resolve(name);
  if (!existsSync(join(directory, 'configuration.yaml'))) {
    problem(`${directory} has no configuration.yaml: name Home Assistant's configuration directory`);
    return 1;
  }
  try {
    const { files, missing } = shippedFiles(program);
    if (missing.length > 0) {
      problem(`This plot2mqtt is not whole, nothing was copied. There is no ${missing.join(', ')}`);
      return 1;
    }
    const copied = copyFiles(directory, files, readInstalled(directory));
    writeInstalled(directory, copied.installed, VERSION);
    return report(directory, copied, hashOfCard(copied), { out, problem });
  } catch (error) {
    problem(messageOf(error));
    return 1;
  }
}

type Say = (line: string) => void;

function say(stream: NodeJS.WriteStream): Say {
  return (line) => stream.write(`${line}\n`);
}

/** What the card in the directory is told by; `null` where it is not ours. */
function hashOfCard({ outcomes, installed }: { outcomes: Copied['outcomes']; installed: Installed }) {
  return outcomes.get(CARD) === 'left' ? null : (installed.get(CARD) ?? null);
}

function report(
  directory: string,
  { outcomes, failed }: Copied,
  card: string | null,
  { out, problem }: { out: Say; problem: Say },
): 0 | 1 {
  for (const [path, outcome] of outcomes) if (outcome !== 'same') out(`${path}: ${WORDS[outcome]}`);
  if (failed) {
    problem(`${join(directory, failed.path)} can't be written: ${messageOf(failed.error)}`);
    return 1;
  }
  const same = [...outcomes.values()].filter((outcome) => outcome === 'same').length;
  if (same > 0) out(`${same} of ${outcomes.size} files are there as they are shipped.`);
  const steps = leftToDo(directory, outcomes, card);
  if (steps.length === 0) out('Nothing is left to do.');
  else out(['Left to do:', ...steps.map((step, index) => `${index + 1}. ${step}`)].join('\n'));
  return 0;
}
