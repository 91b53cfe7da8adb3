import { type Reference, referencesIn, shellTokens, type Token, type Word } from './shell-tokens.ts';
import { ARGUMENTS, PLOT } from './snippet.ts';

/** A command between two operators, and the operator before it. */
interface SimpleCommand {
  before: string;
  words: Word[];
  /** What stands last in it, or behind it. */
  last: Token['type'] | undefined;
}

const WHERE = `write ${ARGUMENTS} where they belong`;
/** Words that end a compound command. */
const CLOSING = new Set(['}', 'fi', 'done', 'esac']);
const ASSIGNMENT = /^\w+=/;
const SHELL = /(?:^|\/)(?:sh|bash|dash|ash|zsh|ksh)$/;

/**
 * Why a plotter's snippet would run without its arguments, with some of them elsewhere, or with all of them twice
 * (contract, section 2); `null` where each comes once, as a word of a command. They are appended where it doesn't have
 * `"$@"`: then it must end in a simple command that isn't behind a pipe or `||`.
 */
export function argumentsProblem(snippet: string): string | null {
  const commands = commandsOf(shellTokens(snippet.trimEnd()));
  const references = commands.flatMap(({ words }) => words.flatMap((word) => word.references));
  if (references.includes('whole'))
    return commands.map(({ words }) => repeated(words) ?? lostInShell(words)).find(Boolean) ?? null;
  if (snippet.includes(ARGUMENTS))
    return `its ${ARGUMENTS} stands in quotes, a comment or a here-document, where the shell doesn't see it: it gets no arguments`;
  if (references.length > 0)
    return `its $@ or $* needs quotes of its own: without them the arguments are cut at blanks, and come in once more at its end; write ${ARGUMENTS}`;
  return endProblem(commands.at(-1));
}

function commandsOf(tokens: readonly Token[]): SimpleCommand[] {
  let current: SimpleCommand = { before: '', words: [], last: undefined };
  const commands = [current];
  for (const token of tokens) {
    if (token.type === 'operator') {
      // A line break behind an operator, or another one, means nothing.
      if (token.text === '\n' && current.words.length === 0) continue;
      current = { before: token.text, words: [], last: undefined };
      commands.push(current);
    } else {
      current.last = token.type;
      if (token.type === 'word') current.words.push(token);
    }
  }
  return commands;
}

function repeated(words: readonly Word[]): string | null {
  const all = words.flatMap(({ references }): Reference[] => references);
  return all.length > 1 && all.includes('whole') ? `its arguments come twice in one command` : null;
}

/** `sh -c 'plotter "$@"'` takes its first argument for its own name. */
function lostInShell(words: readonly Word[]): string | null {
  const script = scriptOf(words);
  const name = script === null ? undefined : words[script + 1];
  if (!name?.references.includes('whole')) return null;
  return `the first of its arguments would be the name of the shell behind "-c": write a word such as _ before ${ARGUMENTS}`;
}

/** Which word is the script of `sh -c`; `null` where none is. */
function scriptOf(words: readonly Word[]): number | null {
  const shell = words.findIndex(({ text }) => SHELL.test(text));
  if (shell < 0) return null;
  const option = words.findIndex(({ text }, index) => index > shell && /^-\w*c$/.test(text));
  const between = words.slice(shell + 1, option);
  return option > 0 && between.every(({ text }) => text.startsWith('-')) ? option + 1 : null;
}

/** Why arguments behind this command, which is the last one, would not be its own. */
function endProblem(command: SimpleCommand | undefined): string | null {
  if (command === undefined) return null;
  const { before, words, last } = command;
  if (last === 'comment' || last === 'here-document')
    return `its arguments come at its end, which is a comment or a here-document: ${WHERE}`;
  const [first] = words.filter(({ text }) => !ASSIGNMENT.test(text));
  if (before === ')' || (first !== undefined && CLOSING.has(first.text)))
    return `its arguments can't come behind what ends in "${before === ')' ? before : first?.text}": ${WHERE}`;
  if (first === undefined && before === '' && words.length === 0) return null;
  if (first === undefined)
    return `its arguments would be a command of their own behind ${before === '' || before === '\n' ? 'what it sets' : `"${before}"`}: ${WHERE}`;
  if (before === '|') return `its arguments would go to the last command of the pipe: ${WHERE}`;
  if (before === '||') return `its arguments would go to the command behind "||": ${WHERE}`;
  const script = scriptOf(words);
  if (script !== null)
    return `its arguments would go to the shell, not to what "-c" runs: write ${ARGUMENTS} there, and _ ${ARGUMENTS} behind it`;
  return null;
}

/**
 * Why a post-command would not get the plot's name as one word; `null` where it does. `%plot%` is quoted already.
 */
export function plotProblem(snippet: string): string | null {
  // What is found by its quotes stands in its place.
  const tokens = shellTokens(snippet.replace(/\$(?=\{?[@*])/g, '_').replaceAll(PLOT, () => '$@'));
  const bare = referencesIn(tokens).filter((kind) => kind === 'bare');
  const unread = tokens.map((token) =>
    token.type === 'comment' || token.type === 'here-document' ? token.text : '',
  );
  const wanted = count(snippet, PLOT) - count(unread.join('\n'), '$@');
  if (bare.length === wanted) return null;
  return `has quotes around ${PLOT}, which is quoted already: leave them out, or write "$PLOT2MQTT_PLOT", which has none`;
}

function count(text: string, part: string): number {
  return text.split(part).length - 1;
}
