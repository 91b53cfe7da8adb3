/** How a word refers to all arguments: as `"$@"`, each as a word; as `$@` or `$*` without quotes; inside a quoted text. */
export type Reference = 'whole' | 'bare' | 'inside';

export interface Word {
  type: 'word';
  /** As it is written. */
  text: string;
  references: Reference[];
}
/** `text`: `;`, `&`, `&&`, `|`, `||`, `(`, `)` or a line break; a redirection stands with its target. */
export type Token =
  | Word
  | { type: 'operator'; text: string }
  | { type: 'redirection'; references: Reference[] }
  | { type: 'comment'; text: string }
  | { type: 'here-document'; text: string };

const OPERATOR = /;;|&&|\|\||[;&|()\n]/y;
const REDIRECTION = /\d*(?:<<-?|<&|>&|>>|<>|>\||[<>])[ \t]*/y;
/** Deeper ones are looked at as text. */
const MAX_DEPTH = 50;
const ARGUMENTS = /\$(?:[@*]|\{[@*][^}]*\})/y;

/**
 * The words and operators of a POSIX shell snippet (Shell Command Language, 2.3 and 2.10), as far as it matters where
 * the arguments go. What is no valid snippet gives some tokens all the same: the shell itself says so.
 */
export function shellTokens(snippet: string): Token[] {
  return new Tokenizer(snippet).tokens();
}

class Tokenizer {
  readonly #text: string;
  #at = 0;
  /** Delimiters of here-documents that begin behind this line. */
  #pending: string[] = [];
  /** How many command substitutions are open here. */
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Up to the end, or to the parenthesis that closes what was open before. */
  tokens(nested = false): Token[] {
    const tokens: Token[] = [];
    let depth = 0;
    while (this.#at < this.#text.length) {
      this.#match(/(?:[ \t]|\\\n)+/y);
      const token = this.#next();
      if (token === undefined) break;
      if (token.type === 'operator') {
        depth += token.text === '(' ? 1 : token.text === ')' ? -1 : 0;
        if (nested && depth < 0) break;
      }
      tokens.push(token);
      if (token.type === 'operator' && token.text === '\n') tokens.push(...this.#hereDocuments());
    }
    return tokens;
  }

  #next(): Token | undefined {
    if (this.#at >= this.#text.length) return undefined;
    const comment = this.#match(/#[^\n]*/y);
    if (comment !== null) return { type: 'comment', text: comment };
    const redirection = this.#match(REDIRECTION);
    if (redirection !== null) {
      const target = this.#word();
      if (/<<-?[ \t]*$/.test(redirection)) this.#pending.push(target.text.replace(/["'\\]/g, ''));
      return { type: 'redirection', references: target.references };
    }
    const operator = this.#match(OPERATOR);
    return operator === null ? this.#word() : { type: 'operator', text: operator };
  }

  #hereDocuments(): Token[] {
    const found = this.#pending.map((delimiter): Token => {
      const start = this.#at;
      let line: string | null;
      do {
        line = this.#match(/[^\n]*\n?/y);
      } while (line !== null && line.trim() !== delimiter);
      return { type: 'here-document', text: this.#text.slice(start, this.#at) };
    });
    this.#pending = [];
    return found;
  }

  #word(): Word {
    const start = this.#at;
    const references: Reference[] = [];
    while (this.#at < this.#text.length && !/[ \t\n;&|()<>]/.test(this.#here)) this.#part(references);
    return { type: 'word', text: this.#text.slice(start, this.#at), references };
  }

  get #here(): string {
    return this.#text[this.#at] ?? '';
  }

  /** A piece of a word: quoted or not. */
  #part(references: Reference[]): void {
    if (this.#match(/\\[\s\S]?/y) !== null || this.#match(/'[^']*'?/y) !== null) return;
    if (this.#match(/"\$@"/y) !== null) references.push('whole');
    else if (this.#match(/"/y) !== null) {
      while (this.#at < this.#text.length && this.#match(/"/y) === null)
        if (this.#match(/\\[\s\S]?/y) === null) this.#expansion(references, 'inside');
    } else this.#expansion(references, 'bare');
  }

  /** What begins with `$` or a backtick, or any other character. */
  #expansion(references: Reference[], kind: Reference): void {
    if (this.#match(ARGUMENTS) !== null) references.push(kind);
    else if (this.#depth < MAX_DEPTH && this.#match(/\$\(/y) !== null) {
      this.#depth += 1;
      references.push(...referencesIn(this.tokens(true)));
      this.#depth -= 1;
    } else {
      const command = this.#match(/`(?:\\[\s\S]|[^`\\])*`?/y);
      if (command === null) this.#at += 1;
      else references.push(...referencesIn(shellTokens(command.slice(1).replace(/`$/, ''))));
    }
  }

  /** What matches here, passed over; `null` where nothing does. */
  #match(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found === undefined || found === '') return null;
    this.#at += found.length;
    return found;
  }
}

/** All references of these tokens, in order. */
export function referencesIn(tokens: readonly Token[]): Reference[] {
  return tokens.flatMap((token) => ('references' in token ? token.references : []));
}
